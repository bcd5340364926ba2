// Which earlier steps saved what a step destroys.
//
// A large column is hidden, saved and dropped by three steps, so the drop doesn't save anything itself: it relies on a step
// before it. This is derived from the steps and not stored in the plan: a plan file can't leave it out, and the plan of a run
// that an older version began has it too.
#pragma once

#include <vector>

#include "plan/plan.h"

namespace lockstep::plan {

// Steps before `step` that saved values in a transaction of their own, and left them in the database for `step` to destroy.
// A step relies on them when it destroys the object that they saved, or one that holds it. In the plan's order.
std::vector<const Step*> relied_on(const Plan& plan, const Step& step);

}  // namespace lockstep::plan
