#include "fleet/open_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "executor/journal.h"
#include "plan/plan_file.h"
#include "support/lines.h"

namespace lockstep::fleet {
namespace {

std::string commands(const executor::RunRecord& run, const Known& known) {
  const std::string where = target_words(known);
  const std::string give_up = fmt::format("to give it up:   lockstep resolve --abandon --reason TEXT {}\n", where);
  if (!run.waits()) return fmt::format("to finish it:    lockstep resume {}\n{}Then run this command again.", where, give_up);
  return fmt::format(
      "to finish it:    lockstep apply --phase contract {0}\n"
      "                 with the schema files (or the plan) that it was started for; at a terminal it asks, whatever the files\n"
      "to take it back: lockstep rollback {0}\n{1}Then run this command again. A rollout beside it must not change what it "
      "changes, and its files must want the same of that.",
      where, give_up);
}

}  // namespace

std::set<std::string> done_steps(postgres::Session& session, const executor::RunRecord& run) {
  std::set<std::string> done;
  for (const auto& [step, state] : executor::Journal(session).step_states(run.id))
    if (state.done) done.insert(step);
  return done;
}

std::string what_it_was_for(const executor::RunRecord& run, bool saved, const reconciler::Selection& selection) {
  if (saved) return "another plan than this one";
  const reconciler::Selection its = reconciler::selection_of(plan::from_json(run.plan_json));
  if (its == selection) return "schema files that said something else than these do now";
  return its.any() ? "a part of the changes (" + reconciler::flags_of(its) + ")" : "all changes of its files, not a part of them";
}

OtherRun other_run(postgres::Session& session, const executor::RunRecord& run, const std::string& started_for,
                   const Known& known) {
  const plan::Plan plan = plan::from_json(run.plan_json);
  std::vector<std::string> rest;
  for (const plan::Step& step : rest_of(plan, done_steps(session, run)).steps)
    rest.push_back(fmt::format("{} {} {}", step.id, plan::to_string(step.phase), step.title));
  const std::string waits =
      run.waits() ? fmt::format(" It waits at the gate before phase {} since {}.", plan::to_string(run.next), run.waits_since)
                  : "";
  return {
      fmt::format("run {} by {} is open on database \"{}\" since {}: {} of {} steps are done.{} It was started for {}. It would "
                  "still:{}",
                  run.id, run.who(), plan.target.database, run.started, run.settled, run.steps, waits, started_for,
                  support::listed(rest)),
      commands(run, known)};
}

std::vector<plan::Hazard> without_consent(postgres::Session& session, const executor::RunRecord& run,
                                          const std::vector<plan::Hazard>& hazards) {
  const std::vector<plan::Hazard> known = executor::consented_hazards(session, run.id);
  std::vector<plan::Hazard> missing;
  for (const plan::Hazard& hazard : hazards) {
    const bool consented = std::any_of(known.begin(), known.end(), [&](const plan::Hazard& one) {
      return one.kind == hazard.kind && one.object == hazard.object && one.step == hazard.step;
    });
    if (!consented) missing.push_back(hazard);
  }
  return missing;
}

}  // namespace lockstep::fleet
