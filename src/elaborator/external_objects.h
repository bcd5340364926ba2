// What others own and declared text refers to: it has to stand on a scratch database, and is never ours. Private to the
// elaborator.
#pragma once

#include <map>
#include <set>
#include <string>

#include "catalog/catalog.h"
#include "kinds/kind.h"
#include "parser/declared.h"
#include "postgres/introspect.h"
#include "support/diagnostic.h"

namespace lockstep::elaborator {

// Extensions: nothing of them is said but their name, so there is nothing to elaborate; what they bring is the server's.
bool known_by_name(const kinds::KindSpec& kind);

struct ExternalObjects {
  catalog::Catalog catalog;           // the declared objects, and beside them
  std::set<catalog::ObjectId> seeds;  // these of the live database
};

// Live objects outside what is managed whose names occur in `said` (the text of what could not be made), with all they need;
// and every extension, since what those bring is found under no name of theirs. Never what `baseline` has.
ExternalObjects with_mentioned(const parser::Declared& declared, const std::string& said, const postgres::Snapshot& live,
                               const catalog::Catalog& baseline);

// Without the objects whose outermost (see Catalog::root) is one of `roots`; a schema stays while something is in it.
catalog::Catalog without(const catalog::Catalog& catalog, const std::set<catalog::ObjectId>& roots);

// External tables against the live ones: each object that was declared must be there, and say what was stated. `elaborated`:
// the declared catalog as PostgreSQL reads it; `respelt`: declared id → its id there.
void check_external(const parser::Declared& declared, const catalog::Catalog& elaborated,
                    const std::map<catalog::ObjectId, catalog::ObjectId>& respelt, const catalog::Catalog& live,
                    support::Diagnostics& diagnostics);

}  // namespace lockstep::elaborator
