#include "fleet/status.h"

#include <algorithm>
#include <set>
#include <string>

#include "catalog/changes.h"
#include "executor/identity.h"
#include "executor/sound_helpers.h"
#include "executor/transitional.h"
#include "fleet/open_run.h"
#include "plan/plan_file.h"
#include "reconciler/beyond_runs.h"
#include "reconciler/leftovers.h"
#include "reconciler/said.h"
#include "reconciler/state.h"
#include "reconciler/territory.h"

namespace lockstep::fleet {
namespace {

using catalog::Change;

// `gate`: where the run waits; null: it doesn't.
void set_apart(Status& status, const catalog::Catalog& applied, const catalog::Catalog& live, const std::string& plan_json,
               const Gate* gate) {
  plan::Plan plan = plan::from_json(plan_json);
  // What somebody had done by hand when the run was planned, it undoes: that was seen and consented to.
  const auto undoes = [whole = plan, &applied, &live](const Change& change) {
    return reconciler::says(whole, catalog::inverted(change), change.what == Change::What::added ? live : applied);
  };
  if (gate != nullptr) {  // what it has not begun to change is not its own work
    std::set<std::string> pending;
    for (const PendingStep& step : gate->pending) pending.insert(step.id);
    std::erase_if(plan.steps, [&](const plan::Step& step) { return pending.contains(step.id); });
    plan.record.clear();
  }
  const reconciler::Territory territory(plan, live);
  const auto own = std::stable_partition(status.drift.begin(), status.drift.end(),
                                         [&](const Change& change) { return !territory.holds(change.id) && !undoes(change); });
  status.rollout.insert(status.rollout.end(), own, status.drift.end());
  status.drift.erase(own, status.drift.end());
}

// What has drifted to what the files declare is nothing that an apply would do.
void set_taken(Status& status, const std::vector<Change>& missing) {
  std::set<catalog::ObjectId> drifted, left;
  for (const Change& change : status.drift) drifted.insert(change.id);
  for (const Change& change : missing) left.insert(change.id);
  for (const catalog::ObjectId& id : drifted)
    if (!left.contains(id)) ++status.taken;
  std::erase_if(status.pending, [&](const Change& change) { return drifted.contains(change.id) && !left.contains(change.id); });
}

// Newest first; one that was killed before it recorded the state is the only one.
std::vector<reconciler::Waiting> open_runs(postgres::Session& session, const Status& status) {
  std::vector<reconciler::Waiting> list;
  for (const executor::RunRecord& run : executor::open_runs(session))
    list.push_back({run.id, plan::from_json(run.plan_json), done_steps(session, run)});
  if (list.empty() && status.open)
    list.push_back({status.open->id, plan::from_json(status.open->plan_json), done_steps(session, *status.open)});
  return list;
}

}  // namespace

Status status(postgres::Session& session, const Known& known, const parser::Declared* declared,
              const elaborator::Options& options, support::Diagnostics& diagnostics) {
  Status result;
  result.target = executor::located(session);
  result.wrong_target = wrong_target(session, known);
  result.runs = executor::runs(session);
  if (!result.wrong_target.empty()) return result;
  result.broken_journal = executor::verify_journal(session);
  result.open = executor::open_run(session);
  if (result.open && result.open->waits()) result.gate = gate_of(session, *result.open, known);
  for (const executor::RunRecord& run : executor::open_runs(session))
    if (run.waits() && run.id != result.open->id) result.more_gates.push_back(gate_of(session, run, known));
  result.holds = holds(session);
  result.rehearsal = executor::rehearsal_age(session);
  if (!result.open) result.open = executor::unrecorded_run(session);
  for (const auto& one : executor::left_behind(session)) {
    const std::string text = reconciler::describe(one);  // a table and its partitions have the same text
    if (std::find(result.left_behind.begin(), result.left_behind.end(), text) == result.left_behind.end())
      result.left_behind.push_back(text);
  }
  for (const std::string& one : executor::unsound_helpers(session))
    if (std::find(result.unsound.begin(), result.unsound.end(), one) == result.unsound.end()) result.unsound.push_back(one);
  result.applied = executor::applied_state(session);
  const postgres::Snapshot live = postgres::introspect(session, {.facts = false, .unmanaged = declared != nullptr});
  for (const postgres::Unmanaged& one : live.unmanaged) result.unmanaged.push_back(one.description);

  std::optional<reconciler::State> state;
  if (result.applied) state = reconciler::read_state(result.applied->objects, result.applied->scope);
  if (state) {
    result.drift = reconciler::drift(*state, live, options);
    result.drift_known = true;
    result.every_privilege = state->scope.everything;
    if (result.open)
      set_apart(result, state->catalog, live.catalog, result.open->plan_json, result.gate ? &*result.gate : nullptr);
    for (const Gate& gate : result.more_gates) {
      const auto run = std::find_if(result.runs.begin(), result.runs.end(), [&](const auto& one) { return one.id == gate.run; });
      if (run != result.runs.end()) set_apart(result, state->catalog, live.catalog, run->plan_json, &gate);
    }
  }
  if (declared == nullptr) return result;
  const elaborator::Desired desired = elaborator::elaborate(*declared, &live, options, diagnostics);
  if (diagnostics.has_errors()) return result;
  result.pending = reconciler::pending_beyond(open_runs(session, result), state, desired, live, options);
  result.pending_known = true;
  if (!result.drift.empty()) set_taken(result, reconciler::missing(desired, live, options));
  return result;
}

}  // namespace lockstep::fleet
