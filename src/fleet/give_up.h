// An open run that will never be finished: it is closed, what it changed so far is recorded as known, and what it left behind is
// named; it may be taken away at once. Else the next plan takes care of it (reconciler/leftovers.h).
#pragma once

#include <string>
#include <vector>

#include "fleet/rollout.h"

namespace lockstep::fleet {

struct GivenUp {
  executor::RunRecord run;        // that was given up; its id is empty where none was open
  std::size_t undone = 0;         // steps run to take away what was left behind
  std::vector<std::string> undo;  // their titles
  std::vector<std::string> left;  // transitional objects that are still there, for people
};

// `undo`: take away what this run, and any given up before it, left behind. Where only that is wanted no run need be open.
// Throws UsageError where there is nothing to give up; RefusedError where a left-over was renamed by hand.
GivenUp give_up(const Job& job, Conversation& conversation, const std::string& reason, bool undo);

}  // namespace lockstep::fleet
