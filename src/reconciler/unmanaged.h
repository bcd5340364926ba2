// What a plan does to live objects that no kind covers. Private to the reconciler.
#pragma once

#include <vector>

#include "catalog/change.h"
#include "plan/plan.h"
#include "postgres/introspect.h"

namespace lockstep::reconciler {

// Throws RefusedError for a drop of what such an object needs: PostgreSQL would refuse it (Lockstep never uses CASCADE), or drop
// that object silently too.
void refuse_unmanaged(const postgres::Snapshot& live, const std::vector<catalog::Change>& changes);

// Notes in the plan which of them are lost with something that it drops. Not for parts of an object that is dropped whole (a
// table).
void note_lost(const postgres::Snapshot& live, const std::vector<catalog::Change>& changes, plan::Plan& plan);

}  // namespace lockstep::reconciler
