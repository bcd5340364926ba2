// Where names in a declaration are looked up: its own schema, then the schemas of the extensions (pg_catalog always comes
// first). During elaboration that is the search_path of every step; in a plan, of the steps that run bodies.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"

namespace lockstep::kinds {

std::vector<std::string> lookup_path(const catalog::ObjectId& id, const catalog::Catalog& catalog);

// Whether statements about this object can run a routine whose body is text and that has no search_path of its own: through
// triggers, checks, defaults, index expressions, policies, and through what these call in turn.
// REQUIRES: `root` is not part of another object.
bool runs_bodies(const catalog::Catalog& catalog, catalog::Index root);

}  // namespace lockstep::kinds
