// The read set: what a plan relies on in the database. It has a fingerprint of each object that the plan touches, of the
// objects which that uses, and of the set of its dependents; and the settings that affect the meaning of text. A plan is stale
// if one of them has changed.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"
#include "planner/planner.h"
#include "postgres/introspect.h"

namespace lockstep::reconciler {

// Fills plan.read_set. `renames`: those that the plan makes at its end.
void fill_read_set(plan::Plan& plan, const postgres::Snapshot& live, const std::vector<planner::Rename>& renames);

}  // namespace lockstep::reconciler
