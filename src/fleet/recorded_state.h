// The state that is recorded after a run, with which `verify` compares later.
#pragma once

#include <string>

#include "catalog/catalog.h"
#include "elaborator/desired.h"
#include "plan/plan.h"
#include "reconciler/state.h"
#include "session/session.h"

namespace lockstep::fleet {

// What else is known of the run.
struct RunContext {
  const elaborator::Desired* desired;  // what its files say; null: only the plan's own objects are known
  bool has_waited;                     // at a gate
  std::string closing;                 // the open run that it undoes; empty: none
};

// `live`: after it. With its addresses, if it is to be recorded.
reconciler::State state_after_run(postgres::Session& session, const plan::Plan& plan, const RunContext& facts,
                                  const postgres::Snapshot& live);
// Whether the database's record says the same: what the plan leads to, and these objects.
bool is_recorded(postgres::Session& session, const plan::Plan& plan, const reconciler::State& now);
// With it is journalled what of it neither this plan nor one before has made: what somebody has changed by hand and the files say
// by now. `live`: after the run. REQUIRES: the caller holds the run lock.
void record_state(postgres::Session& session, const std::string& run, const plan::Plan& plan, const reconciler::State& now,
                  const catalog::Catalog& live);

}  // namespace lockstep::fleet
