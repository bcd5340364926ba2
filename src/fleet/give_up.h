// Gives up an open run that will never be finished: closes it, records its changes so far as known, and lists what it left
// behind, which can be removed at once. Otherwise the next plan removes it (reconciler/leftovers.h).
#pragma once

#include <string>
#include <vector>

#include "fleet/rollout.h"

namespace lockstep::fleet {

struct GivenUp {
  executor::RunRecord run;        // the run that was given up; its id is empty if none was open
  std::vector<std::string> undo;  // titles of the steps that removed what was left behind
  std::vector<std::string> left;  // transitional objects that still exist, for people
};

// `undo`: remove what this run, and runs given up before it, left behind; with `undo` no run need be open. Throws UsageError if
// there is nothing to give up, and RefusedError if a leftover was renamed by hand.
GivenUp give_up(const Job& job, Conversation& conversation, const std::string& reason, bool undo);

}  // namespace lockstep::fleet
