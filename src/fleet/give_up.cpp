#include "fleet/give_up.h"

#include <algorithm>

#include "executor/sound_journal.h"
#include "executor/transitional.h"
#include "fleet/clean_up.h"
#include "fleet/touched_state.h"
#include "plan/plan_file.h"
#include "postgres/introspect.h"
#include "reconciler/leftovers.h"
#include "support/error.h"

namespace lockstep::fleet {

GivenUp give_up(const Job& job, Conversation& conversation, const std::string& reason, bool undo) {
  const auto session = executor::connect(job.url, job.settings.application);
  const auto lock = executor::RunLock::acquire(*session);
  require_target_to_change(*session, job.known);
  GivenUp result;
  // Without a reason nothing is given up, so that none need be named.
  const auto open = reason.empty() && job.run.empty() ? executor::open_run(*session) : executor::open_run(*session, job.run);
  if (open && reason.empty())
    throw support::UsageError("run " + open->id + " is open: --undo goes with --abandon --reason TEXT, which gives it up");
  if (undo) executor::require_trusted_writers(*session, "undo what the run has left behind");
  // Rows that were edited are found before the run is given up.
  std::vector<executor::Transitional> left = executor::left_behind(*session, open && undo ? open->id : std::string());
  if (!open && (!undo || left.empty())) throw support::UsageError("no run is open on this database: nothing to resolve");
  if (open) {
    result.run = *open;
    const plan::Plan plan = plan::from_json(open->plan_json);
    record_touched(*session, open->id, plan, postgres::introspect(*session, {.facts = false, .unmanaged = false}));
    executor::abandon_run(*session, *open, reason);
    executor::forget_gone(*session);
    left = executor::left_behind(*session);
  }
  if (undo && !left.empty()) result.undo = clean_up(*session, job, conversation, {}).titles;
  for (const executor::Transitional& one : executor::left_behind(*session)) {
    const std::string text = reconciler::describe(one);
    if (std::find(result.left.begin(), result.left.end(), text) == result.left.end()) result.left.push_back(text);
  }
  return result;
}

}  // namespace lockstep::fleet
