// What the author protects from loss.
#pragma once

#include "parser/declared.h"
#include "plan/plan.h"

namespace lockstep::reconciler {

// `protect`: throws RefusedError when the plan would lose or rewrite what is protected. No consent overrides it.
void refuse_protected(const parser::Declared& declared, const plan::Plan& plan);

}  // namespace lockstep::reconciler
