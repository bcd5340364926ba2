// Asks whether a plan would lose or rewrite what `protect` names. No consent overrides that.
#pragma once

#include <set>
#include <string>

#include "catalog/object.h"
#include "plan/plan.h"

namespace lockstep::reconciler {

// "table app.t is protected, and step s3 (drop …) loses …", with control characters escaped; empty: nothing is harmed. `guarded`:
// by the names that objects have before the plan. A way back may take away what its run added to a protected object, never the
// object itself.
std::string protected_harm(const plan::Plan& plan, const std::set<catalog::ObjectId>& guarded);

}  // namespace lockstep::reconciler
