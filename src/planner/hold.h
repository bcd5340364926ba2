// What a plan with a hold only hides in contract, so that a rollback has it back with all that is in it. Private to the planner.
#pragma once

#include "planner/draft.h"

namespace lockstep::planner {

// Whether this table or column, which the plan drops, can stay in the database until phase purge: it holds rows, nothing that it
// uses is dropped or renamed by the plan, and no name that it keeps (of its index) is needed by something new. Or whether the old
// column of this one, which gets another type by a succession, can stay until then.
bool is_held(const Input& input, const Disposition& disposition, const catalog::ObjectId& id);

// Of a plan with a hold: what goes, or gets another type, without being kept until phase purge, why, and how one has it back. One
// note a reason. `steps`: of the plan.
std::vector<std::string> unheld_notes(const Input& input, const Disposition& disposition, const plan::Steps& steps);

}  // namespace lockstep::planner
