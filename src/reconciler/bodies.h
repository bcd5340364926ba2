// Finds bodies of routines that a plan breaks. PostgreSQL records no dependencies for the text of a body. Private to the
// reconciler.
#pragma once

#include <vector>

#include "catalog/catalog.h"
#include "catalog/change.h"
#include "plan/plan.h"
#include "planner/planner.h"

namespace lockstep::reconciler {

// Adds a consequence to the step that removes a name, for each routine of `live` whose body contains the name, with the lines.
// Routines that the plan drops are left out; for those in `desired`, the body there counts. `renames` come after `changes`;
// `desired` has the names before them.
void name_broken_bodies(plan::Plan& plan, const catalog::Catalog& live, const catalog::Catalog& desired,
                        const std::vector<catalog::Change>& changes, const std::vector<planner::Rename>& renames);

}  // namespace lockstep::reconciler
