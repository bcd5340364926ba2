// Where names of a declaration are looked up: its own schema, then the schemas of the extensions, then nothing else
// (pg_catalog always comes first). The same path is pinned in elaboration and in every step.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"

namespace lockstep::kinds {

std::vector<std::string> lookup_path(const catalog::ObjectId& id, const catalog::Catalog& catalog);

}  // namespace lockstep::kinds
