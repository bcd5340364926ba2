// Enforces `protect`, the declaration that an object must not be lost.
#pragma once

#include <vector>

#include "parser/declared.h"
#include "plan/plan.h"
#include "planner/planner.h"

namespace lockstep::reconciler {

// Throws RefusedError if the plan would lose or rewrite a protected object. No consent overrides this. `renames`: those that the
// plan makes at its end.
void refuse_protected(const parser::Declared& declared, const plan::Plan& plan, const std::vector<planner::Rename>& renames);

}  // namespace lockstep::reconciler
