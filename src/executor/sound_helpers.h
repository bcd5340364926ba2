// Whether the transitional objects of open and held runs are as their steps left them: a mirror trigger that somebody has dropped
// or switched off leaves rows behind that nobody converts.
#pragma once

#include <string>
#include <vector>

#include "session/session.h"

namespace lockstep::executor {

// Those of one run (empty: of all that are open or held) that are missing, and triggers that don't fire ALWAYS; one line each,
// with the statement that puts it right where there is one. Every trigger that Lockstep makes fires always. Reads only.
std::vector<std::string> unsound_helpers(postgres::Session& session, const std::string& run = {});

}  // namespace lockstep::executor
