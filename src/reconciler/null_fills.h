// What a plan says of a `backfill` whose expression can give NULL, where the column may have none.
#pragma once

#include "elaborator/scratch_copy.h"
#include "planner/planner.h"

namespace lockstep::reconciler {

// Adds to the plan that INSERTs of the previous application version fail then, from the step that requires a value on; and the
// question whether the rows that are there get one, which is asked before the first step. `input`: what the plan was made from.
// `copy`: the live schema; it is as before afterwards.
void name_null_fills(plan::Plan& plan, elaborator::Copy& copy, const planner::Input& input);

}  // namespace lockstep::reconciler
