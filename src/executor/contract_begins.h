// What is asked before contract takes anything away, whichever command has brought the run there.
#pragma once

#include <string>
#include <vector>

#include "executor/run.h"

namespace lockstep::executor {

// Whether the step is the one that contract begins with. What was begun isn't asked about again: it has to be finished.
bool begins_contract(const Run& run, const plan::Step& step);
// What others changed while the run went on or stood at the gate, and contract would lose or fail for; one line each, for people.
std::vector<std::string> moved_by_others(Run& run);
// Throws CommandError{stale} that names it. REQUIRES: the run waits at the gate.
[[noreturn]] void refuse_moved(const Run& run, const std::vector<std::string>& moved);

}  // namespace lockstep::executor
