// What a database has already as it is declared (docs/adr/0044). PostgreSQL prints an object in a text from which it would make
// the same object again. So a declared object with exactly that text is the database's object, unless something that its text may
// mean is different. Only the rest is elaborated on a scratch database, among those unchanged objects that it may use.
// Private to the elaborator.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "catalog/catalog.h"
#include "elaborator/desired.h"
#include "parser/declared.h"
#include "postgres/introspect.h"

namespace lockstep::elaborator {

struct Unchanged {
  std::set<catalog::ObjectId> anew;  // declared roots that have to be elaborated
  std::vector<bool> kept;            // of each live object: it is the desired one as it is; also of parts of what is elaborated
  // What a scratch database needs: `anew` as declared, without the kept parts, and as the database prints it what that may use.
  catalog::Catalog scratch;
  std::set<catalog::ObjectId> used;  // the roots of the latter
  Foreseen foreseen;                 // `differing` under the database's names, `mentioned`: live roots
  bool born = false;                 // what every new database has is desired too, though no file says it
  bool needs_scratch() const { return born || !anew.empty(); }
};

// nullopt: everything has to be elaborated (scripts, external tables, a new operator or cast …). Pure.
std::optional<Unchanged> unchanged(const parser::Declared& declared, const postgres::Snapshot& live);

}  // namespace lockstep::elaborator
