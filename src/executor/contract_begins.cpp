#include "executor/contract_begins.h"

#include <algorithm>

#include "executor/at_stake.h"
#include "executor/sound_helpers.h"
#include "support/error.h"
#include "support/lines.h"

namespace lockstep::executor {

bool begins_contract(const Run& run, const plan::Step& step) {
  if (step.phase != plan::Phase::contract) return false;
  return std::none_of(run.plan.steps.begin(), run.plan.steps.end(), [&](const plan::Step& other) {
    const auto state = run.states.find(other.id);
    return other.phase >= plan::Phase::contract && state != run.states.end() &&
           (state->second.done || state->second.intent || !state->second.cursors.empty());
  });
}

std::vector<std::string> moved_by_others(Run& run) {
  std::vector<std::string> moved = moved_at_stake(run.session(), run.id, run.plan, run.states);
  for (std::string& line : unsound_helpers(run.session(), run.id)) moved.push_back(std::move(line));
  return moved;
}

void refuse_moved(const Run& run, const std::vector<std::string>& moved) {
  throw support::CommandError(support::ExitCode::stale,
                              "stale plan: database \"" + run.plan.target.database + "\" was changed by others since run " +
                                  run.short_id() +
                                  " began, and the steps that are left would lose that or fail for it:" + support::listed(moved) +
                                  "\nNone of these steps was run by this command, and the run waits at the gate. Undo that "
                                  "change and run the same command "
                                  "again; or take the run back (`lockstep rollback`), or give it up (`lockstep resolve --abandon "
                                  "--reason TEXT`), and plan "
                                  "again from what is there.");
}

}  // namespace lockstep::executor
