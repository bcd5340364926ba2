// The names in the live database that a plan removes and that bodies of functions may still contain.
#pragma once

#include <vector>

#include "catalog/change.h"
#include "kinds/names/gone_names.h"
#include "planner/planner.h"

namespace lockstep::reconciler {

// Each once, without the parts of a relation that is dropped whole. `renames` come after `changes`; `desired` has the names
// before them. Pure.
std::vector<kinds::GoneName> gone_names(const catalog::Catalog& live, const catalog::Catalog& desired,
                                        const std::vector<catalog::Change>& changes, const std::vector<planner::Rename>& renames);

}  // namespace lockstep::reconciler
