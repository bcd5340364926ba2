// Whose the objects of a scratch copy are, where scratch can't give them to that role. Private to the elaborator.
#pragma once

#include <vector>

#include "catalog/catalog.h"
#include "planner/planner.h"

namespace lockstep::elaborator {

// Owners from `source`, renames followed: of every object where scratch gives nothing to other roles (`gives_owners` is false),
// else of those that only a superuser may own, such as a publication FOR ALL TABLES, and that scratch's superuser therefore has.
catalog::Catalog with_owners(catalog::Catalog copy, const catalog::Catalog& source, const std::vector<planner::Rename>& renames,
                             bool gives_owners);

}  // namespace lockstep::elaborator
