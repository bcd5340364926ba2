// What a plan relies on in the database: a fingerprint of each object that it touches, of what that uses, and of the set of what
// depends on it; and the settings that give text its meaning. A plan is stale once one of them has changed.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"
#include "planner/planner.h"
#include "postgres/introspect.h"

namespace lockstep::reconciler {

// Into plan.read_set. `renames`: the plan's steps speak of objects by their new names, the database by the old ones.
void fill_read_set(plan::Plan& plan, const postgres::Snapshot& live, const std::vector<planner::Rename>& renames);

}  // namespace lockstep::reconciler
