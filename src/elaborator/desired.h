// A desired state, as PostgreSQL reads it back.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "catalog/catalog.h"
#include "elaborator/options.h"
#include "parser/declared.h"
#include "postgres/introspect.h"
#include "support/diagnostic.h"

namespace lockstep::elaborator {

// Runs the declarations on a scratch database and reads them back. PostgreSQL's errors become diagnostics at their place.
struct Desired {
  catalog::Catalog catalog;
  std::map<catalog::ObjectId, support::Span> places;  // of declarations, by desired id
  parser::Scope scope;                                // as declared, plus every schema in which a script creates something
  // Objects that the scratch server can't create, and why. `catalog` has them as declared.
  std::map<catalog::ObjectId, std::string> untried;
  // Objects of whole() that exist on the scratch server only as a stub, and why. What depends on them was elaborated.
  std::map<catalog::ObjectId, std::string> stood_in;
  // `catalog` plus the external objects that it refers to (external tables, live objects outside the managed part). All of that
  // is needed to create `catalog` again. Absent: there are none.
  std::optional<catalog::Catalog> with_external_objects;
  const catalog::Catalog& whole() const { return with_external_objects ? *with_external_objects : catalog; }
};

// What a plan will probably touch, told by the texts alone: live and declared parts that differ, and what those mention. Few.
struct Foreseen {
  std::set<catalog::ObjectId> differing, mentioned;
};

// `foresees`: called before the changed part is elaborated on a scratch database, if there are few changes.
Desired elaborate(const parser::Declared& declared, const postgres::Snapshot* live, const Options& options,
                  support::Diagnostics& diagnostics, const std::function<void(const Foreseen&)>& foresees = {});

}  // namespace lockstep::elaborator
