// Contract begins, whichever command has brought the run there: is the environment's `quiet` met?
#pragma once

#include <chrono>
#include <string>

#include "session/session.h"

namespace lockstep::fleet {

// Why not, for people; empty: it may begin. The names that the run has kept for the old application may have come into being in
// this command. `still_used`: the reason to begin all the same, which is journalled; empty: none. `stood`: the run waited at its
// gate when the command came.
std::string keeps_from_contract(postgres::Session& session, const std::string& run, std::chrono::milliseconds quiet,
                                const std::string& still_used, bool stood);

}  // namespace lockstep::fleet
