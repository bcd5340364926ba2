// Says of each long step how long it works and what it needs.
#pragma once

#include "plan/plan.h"
#include "session/session.h"

namespace lockstep::reconciler {

// Measures the server if the plan has a long step, and only then. REQUIRES: no transaction is open.
void add_estimates(plan::Plan& plan, postgres::Session& target);

}  // namespace lockstep::reconciler
