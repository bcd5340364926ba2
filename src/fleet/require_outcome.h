// After a run: is the database as it was to be? Private to the rollout.
#pragma once

#include <string>
#include <vector>

#include "session/session.h"

namespace lockstep::fleet {

// `differences`: a line each; none: it is. Otherwise journals that the run records no state, and throws CommandError{mismatch}.
void require_outcome(postgres::Session& session, const std::string& run, const std::vector<std::string>& differences);

}  // namespace lockstep::fleet
