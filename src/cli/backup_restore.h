// Restores what a run saved, for `backup restore` and at the end of `rollback`.
#pragma once

#include <string>

#include "cli/console.h"
#include "cli/options.h"
#include "cli/target.h"

namespace lockstep::cli {

struct RestoreOptions {
  std::string store, run, object, into;
  ConsentOptions consent;
  bool without_triggers = false;
};

// Shows what it would do and asks, then writes in one transaction under the run lock. Throws CommandError: mismatch (a damaged
// backup, or not what the database recorded), refused, failed, usage. Nothing was written by then.
void restore_run(const RestoreOptions& options, const Work& todo, const Console& console);

}  // namespace lockstep::cli
