// A run that only takes away what other runs have left behind. It leads to no files, and it is nothing that a person undoes.
#pragma once

#include <string>
#include <vector>

#include "fleet/rollout.h"

namespace lockstep::fleet {

bool is_clean_up(const executor::RunRecord& run);

struct CleanedUp {
  std::string run;                  // its uuid; empty: there was nothing to do
  std::vector<std::string> titles;  // of its steps
};
// `run`: takes away what this one has left behind; empty: what all have. Throws as apply() does, and RefusedError if a leftover
// was renamed by hand. REQUIRES: the caller holds the run lock.
CleanedUp clean_up(postgres::Session& session, const Job& job, Conversation& conversation, const std::string& run);

}  // namespace lockstep::fleet
