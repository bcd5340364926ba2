// Enforces `protect`, the declaration that an object must not be lost.
#pragma once

#include "parser/declared.h"
#include "plan/plan.h"

namespace lockstep::reconciler {

// Throws RefusedError if the plan would lose or rewrite a protected object. No consent overrides this.
void refuse_protected(const parser::Declared& declared, const plan::Plan& plan);

}  // namespace lockstep::reconciler
