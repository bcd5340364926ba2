// The run that `rollback` undoes: which one it is, and what is recorded when it is undone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "executor/run_record.h"
#include "plan/plan.h"
#include "postgres/introspect.h"
#include "session/session.h"

namespace lockstep::fleet {

bool is_way_back(const executor::RunRecord& run);
// Open or held: what the run has hidden, or built beside the declared objects, is still there. Reads only.
bool is_unfinished(postgres::Session& session, const std::string& run);

// The newest run that changed something and is not undone; an older one can't be undone before it. `named`: the beginning of its
// id; empty: whichever it is. Throws UsageError that says why there is none, or why it isn't the named one. Reads only.
executor::RunRecord run_to_undo(postgres::Session& session, const std::string& named);

// Throws CommandError{stale} if the plan, a way back, was made before its run or a later one did more, or while another run is
// open. REQUIRES: the caller holds the run lock.
void require_same_progress(postgres::Session& session, const plan::Plan& plan);

struct Undone {
  std::string run;                   // its uuid; empty: none
  std::vector<std::string> notes;    // of the plan that undid it
  std::vector<std::string> differs;  // what it had relied on or changed and that is not as it was before it, for people
};
// The way back that was cut off, if there is one: in its steps, before it was recorded, or before values were written back. Reads
// only.
std::optional<executor::RunRecord> unfinished_way_back(postgres::Session& session);
// After the last step of a way back: journals that its run is undone, and records what the two have touched as it is now. If it
// is cut off between the two, the way back is recorded late, and journalled twice. REQUIRES: the caller holds the run lock.
Undone record_undone(postgres::Session& session, const plan::Plan& plan, const std::string& by, const postgres::Snapshot& live);

}  // namespace lockstep::fleet
