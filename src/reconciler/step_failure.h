// What a user is told of a step that fails on the scratch copy. Private to the reconciler.
#pragma once

#include "catalog/catalog.h"
#include "plan/plan.h"
#include "support/error.h"

namespace lockstep::reconciler {

// Throws RefusedError if what the step drops is needed by what the files don't manage, else CommandError{failed}. `copy`: its
// catalog before the plan.
[[noreturn]] void fail(const plan::Step& step, const support::DatabaseError& error, const catalog::Catalog& copy,
                       const catalog::Catalog& desired, const plan::Plan& plan);

}  // namespace lockstep::reconciler
