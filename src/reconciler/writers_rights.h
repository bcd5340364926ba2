// The hazard that a transitional trigger stops a writer: it runs with the rights of who writes, and evaluates what the author's
// expression (backfill, convert using, back using) or a cast calls.
#pragma once

#include "elaborator/scratch_copy.h"
#include "planner/planner.h"
#include "postgres/introspect.h"

namespace lockstep::reconciler {

// Adds to the steps that create these which roles can't write to the table from there on, and what they lack. `input`:
// what the plan was made from. `copy`: the live schema; it is as before afterwards.
void name_lacking_rights(plan::Plan& plan, elaborator::Copy& copy, postgres::Session& target, const planner::Input& input,
                         const postgres::Snapshot& live);

}  // namespace lockstep::reconciler
