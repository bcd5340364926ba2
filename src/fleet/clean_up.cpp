#include "fleet/clean_up.h"

#include <algorithm>

#include "executor/sound_journal.h"
#include "executor/transitional.h"
#include "fleet/touched_state.h"
#include "plan/plan_file.h"
#include "reconciler/leftovers.h"

namespace lockstep::fleet {
namespace {

postgres::Snapshot read(postgres::Session& session) {
  return postgres::introspect(session, {.facts = false, .unmanaged = false});
}

}  // namespace

bool is_clean_up(const executor::RunRecord& run) {
  return run.desired_fingerprint.empty() && plan::from_json(run.plan_json).undoes.empty();
}

CleanedUp clean_up(postgres::Session& session, const Job& job, Conversation& conversation, const std::string& run) {
  std::vector<executor::Transitional> left = executor::left_behind(session);
  if (!run.empty()) std::erase_if(left, [&](const auto& one) { return one.run != run; });
  if (left.empty()) return {};
  const postgres::Snapshot live = read(session);
  const auto runs = executor::runs(session);
  plan::Plan away;
  away.tool_version = plan::from_json(runs.front().plan_json).tool_version;
  away.target = live.target;
  away.proved = true;
  reconciler::take_in(away, run.empty() ? reconciler::tidy(session, live, nullptr) : reconciler::tidy_run(session, live, run));
  executor::Dependencies use{session, [&] { return executor::connect(job.url, job.settings.application); },
                             executor::system_clock(), conversation.output()};
  CleanedUp result;
  result.run = executor::execute(away, {}, job.settings, use).run_id;
  for (const plan::Step& step : away.steps) result.titles.push_back(step.title);
  const postgres::Snapshot now = read(session);
  bool recorded = false;
  for (const executor::RunRecord& one : runs) {  // for what the leftovers served, as it is now
    const bool its = std::any_of(left.begin(), left.end(), [&](const auto& other) { return other.run == one.id; });
    if (its) recorded = record_touched(session, result.run, plan::from_json(one.plan_json), now) || recorded;
  }
  if (!recorded) executor::note_unrecorded(session, result.run, "nothing was recorded before it");
  return result;
}

}  // namespace lockstep::fleet
