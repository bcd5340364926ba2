// Restores what a run saved, for `backup restore` and at the end of `rollback`.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/options.h"
#include "cli/target.h"
#include "fleet/rollout.h"

namespace lockstep::cli {

struct RestoreOptions {
  std::string store, run, object, into;
  ConsentOptions consent;
  bool without_triggers = false;
  // Only what was saved under one of these descriptions, each by itself; what can't be restored is left out, and returned. Empty:
  // all of it, or nothing.
  std::set<std::string> what;
};

// Shows what it would do and asks, then writes in one transaction under the run lock; if that fails and `what` is given, each in
// one of its own. Returns why something was left out, a text for each. Throws CommandError: mismatch (a damaged backup, or not
// what the database recorded), refused, failed, usage. It throws before it writes anything.
std::vector<std::string> restore_run(const RestoreOptions& options, const Work& todo, const Console& console);

// Before a way back of that run: says on stderr what its backup will write back, and that it was read whole, or why it can't.
void tell_of_backup(const std::string& run, const plan::Plan& back, const Work& todo, const RestoreOptions& how,
                    const Console& console);

// At the end of a way back (Outcome::undone): shows what its steps didn't bring back, and restores what the undone run had saved
// of it. `how`: store and consent. Throws CommandError{partial} if something saved is not back. Does nothing after another plan.
void restore_undone(const fleet::Outcome& outcome, const Work& todo, RestoreOptions how, const Console& console);

}  // namespace lockstep::cli
