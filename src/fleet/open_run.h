// An open run as a rollout finds it: how far it is, and how it is described to a person who wants to apply something else.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "executor/run_record.h"
#include "fleet/gate.h"
#include "plan/hazard.h"
#include "reconciler/selection.h"

namespace lockstep::fleet {

// The ids of its steps that are done. Reads only.
std::set<std::string> done_steps(postgres::Session& session, const executor::RunRecord& run);

// For a person who wants to apply something else: which run is open, how far it got and what it would still do; and what to
// type to finish it, to take it back or to give it up.
struct OtherRun {
  std::string situation, commands;
};
// Why the open run is another one than the command asks for: "another plan than this one". `saved`: the command has a saved plan.
std::string what_it_was_for(const executor::RunRecord& run, bool saved, const reconciler::Selection& selection);
// `started_for`: what_it_was_for().
OtherRun other_run(postgres::Session& session, const executor::RunRecord& run, const std::string& started_for,
                   const Known& known);

// The hazards that nobody consented to when the run was started. Reads only.
std::vector<plan::Hazard> without_consent(postgres::Session& session, const executor::RunRecord& run,
                                          const std::vector<plan::Hazard>& hazards);

}  // namespace lockstep::fleet
