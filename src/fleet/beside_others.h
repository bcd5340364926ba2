// A new run beside runs that wait at the gate.
#pragma once

#include "fleet/known_target.h"
#include "plan/plan.h"
#include "session/session.h"

namespace lockstep::fleet {

// Throws RefusedError if the plan changes an object that a waiting run changes, or locks a relation of it against writers, and
// names both. A plan that undoes such a run may do that to its objects. Reads only.
void require_beside(postgres::Session& session, const plan::Plan& plan, const Known& known);

}  // namespace lockstep::fleet
