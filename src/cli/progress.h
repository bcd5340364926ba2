// Prints the executor's reports to stderr: a bar with rate and ETA on a terminal, plain log lines elsewhere, nothing with -q.
#pragma once

#include <memory>

#include "cli/console.h"
#include "executor/output.h"

namespace lockstep::cli {

// Thread-safe: the executor's watcher may report blockers while a step runs.
std::unique_ptr<executor::Output> make_progress(const Console& console);

}  // namespace lockstep::cli
