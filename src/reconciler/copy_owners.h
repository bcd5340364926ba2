// Whose the objects of a scratch copy are, where scratch can't give them to that role. Private to the reconciler.
#pragma once

#include <vector>

#include "catalog/catalog.h"
#include "planner/planner.h"

namespace lockstep::reconciler {

// Where scratch gives nothing to other roles (`gives_owners`), an owner is what it was in `source`. So it is with what scratch's
// superuser owns, since no stub may (`FOR ALL TABLES`).
catalog::Catalog with_owners(catalog::Catalog copy, const catalog::Catalog& source, const std::vector<planner::Rename>& renames,
                             bool gives_owners);

}  // namespace lockstep::reconciler
