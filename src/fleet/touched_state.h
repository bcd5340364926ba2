// Records what a run has touched that doesn't lead to a declared state: one that was given up, or a way back.
#pragma once

#include <string>

#include "plan/plan.h"
#include "postgres/introspect.h"
#include "session/session.h"

namespace lockstep::fleet {

// What `plan` touches is recorded as it is in `live`, all else as it was recorded before, so that none of it is drift. False:
// nothing was ever recorded, so nothing can differ from it. REQUIRES: the caller holds the run lock.
bool record_touched(postgres::Session& session, const std::string& run, const plan::Plan& plan, const postgres::Snapshot& live);

}  // namespace lockstep::fleet
