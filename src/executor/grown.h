// Refuses steps whose tables have grown since the plan was made, so that others would wait for much longer than it said.
#pragma once

#include <string>
#include <vector>

#include "executor/run.h"

namespace lockstep::executor {

// One line for each table that is larger than the step allows. One query, none for a step without limits.
std::vector<std::string> grown_for(postgres::Session& session, const plan::Step& step);
// Throw CommandError{stale} that names the tables. The second is for a run that goes on: `waited` says that it did at a gate,
// where it stays; otherwise the code is `partial` if it has changed something.
void require_small(postgres::Session& session, const plan::Plan& plan);
void require_rest_small(Run& run, bool waited);

}  // namespace lockstep::executor
