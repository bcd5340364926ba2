// Finds the earlier steps that saved what a step destroys.
//
// A large column is hidden, saved and dropped by three steps. The dropping step saves nothing; it relies on the saving step.
// The relation is derived from the steps and is not stored, so a plan file cannot omit it, and it is also known for plans of
// runs that an older version began.
#pragma once

#include <vector>

#include "plan/plan.h"

namespace lockstep::plan {

// The steps before `step` that saved values in a transaction of their own and left them in the database for `step` to destroy.
// `step` relies on one of them if it destroys the saved object or an object that contains it. In plan order.
std::vector<const Step*> relied_on(const Plan& plan, const Step& step);

}  // namespace lockstep::plan
