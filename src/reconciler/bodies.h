// Bodies of routines that a plan breaks: PostgreSQL keeps no dependencies for what stands in their text. Private to the
// reconciler.
#pragma once

#include <vector>

#include "catalog/catalog.h"
#include "catalog/change.h"
#include "plan/plan.h"
#include "planner/planner.h"

namespace lockstep::reconciler {

// Adds to the step that takes a name away a consequence for each routine of `live` that names it, with the lines. A routine that
// the plan drops is left out; one that `desired` has is judged by its text there. `changes` are named as after `renames`.
void name_broken_bodies(plan::Plan& plan, const catalog::Catalog& live, const catalog::Catalog& from,
                        const catalog::Catalog& desired, const std::vector<catalog::Change>& changes,
                        const std::vector<planner::Rename>& renames);

}  // namespace lockstep::reconciler
