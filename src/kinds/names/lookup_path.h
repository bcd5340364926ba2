// Where names of a declaration are looked up: its own schema, then the schemas of the extensions, then nothing else
// (pg_catalog always comes first). In elaboration that is the search_path of every step; in a plan, of those that run bodies.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"

namespace lockstep::kinds {

std::vector<std::string> lookup_path(const catalog::ObjectId& id, const catalog::Catalog& catalog);

// Whether statements about this object (not a part of another one) can run a routine whose body is a text without a search_path
// of its own: triggers, checks, defaults, index expressions, policies, and what these call in turn.
bool runs_bodies(const catalog::Catalog& catalog, catalog::Index root);

}  // namespace lockstep::kinds
