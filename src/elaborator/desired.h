// A desired state as PostgreSQL reads it.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "catalog/catalog.h"
#include "elaborator/options.h"
#include "parser/declared.h"
#include "postgres/introspect.h"
#include "support/diagnostic.h"

namespace lockstep::elaborator {

// Runs the declarations on a scratch database and reads them back; PostgreSQL's errors become diagnostics at their place.
struct Desired {
  catalog::Catalog catalog;
  std::map<catalog::ObjectId, std::string> places;  // "file:line:col" by desired id
  parser::Scope scope;                              // as declared, with every schema that a script makes something in
  // What the scratch server can't have, and why: such an object is in `catalog` as it was declared.
  std::map<catalog::ObjectId, std::string> untried;
  // What the scratch server can't have either, and why, but with a stub there: of `whole()`. What depends on it was
  // elaborated.
  std::map<catalog::ObjectId, std::string> stood_in;
  // With what others own and `catalog` refers to (external tables, live objects outside what is managed): what it takes to
  // make `catalog` anew. Absent: nothing.
  std::optional<catalog::Catalog> with_external_objects;
  const catalog::Catalog& whole() const { return with_external_objects ? *with_external_objects : catalog; }
};
Desired elaborate(const parser::Declared& declared, const postgres::Snapshot* live, const Options& options,
                  support::Diagnostics& diagnostics);

}  // namespace lockstep::elaborator
