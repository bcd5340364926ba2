// What `apply` and `resume` print when the run waits at the gate.
#pragma once

#include "cli/console.h"
#include "fleet/rollout.h"
#include "support/error.h"

namespace lockstep::cli {

// The gate on stdout, one line of it on stderr. Returns the exit code. REQUIRES: outcome.gate.
support::ExitCode show_gate(const fleet::Outcome& outcome, const Console& console);

}  // namespace lockstep::cli
