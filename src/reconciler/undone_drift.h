// The hazard drift: a plan's steps that undo what somebody has changed in the database by hand.
//
// Drift is what live has otherwise than the state that was last recorded (state.h). The plan undoes it where it leads away from
// what live has. What it leaves as it is, because the files say the same by now, is none of it. A database without a record has
// no drift.
#pragma once

#include <optional>

#include "elaborator/options.h"
#include "plan/plan.h"
#include "postgres/introspect.h"
#include "reconciler/state.h"

namespace lockstep::reconciler {

// Adds the hazards to the steps. `live`: as it is, with what runs that were given up left behind. What an open run changes is its
// own work and no drift. Reads only.
void mark_undone_drift(plan::Plan& plan, postgres::Session& session, const std::optional<State>& recorded,
                       const postgres::Snapshot& live, const catalog::Catalog& desired, const elaborator::Options& options);

}  // namespace lockstep::reconciler
