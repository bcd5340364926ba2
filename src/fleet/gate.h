// The gate of a run: apply stops before the contract phase (or an earlier one, by --phase), and the run waits there, open and
// journalled, until the application no longer needs what the rest of the plan takes away. Only `apply --phase` passes it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "executor/run_record.h"
#include "fleet/known_target.h"
#include "fleet/old_names.h"
#include "plan/plan.h"
#include "postgres/introspect.h"

namespace lockstep::fleet {

struct PendingStep {
  std::string id;
  plan::Phase phase = plan::Phase::contract;
  std::string title;
  std::string breaking;  // what a statement of the previous application would see; may be empty
};

struct Gate {
  std::string run;    // its uuid
  std::string since;  // ISO 8601 UTC
  plan::Phase next = plan::Phase::contract;
  std::size_t done = 0, steps = 0;
  std::vector<PendingStep> pending;  // in their order
  std::vector<OldName> old_names;    // of columns that are renamed by the steps that are left
  std::string go_on, take_back;      // the commands; without the files
};

// `saved`: the command was given a saved plan, so that the one that goes on needs it too. REQUIRES: run.waits(). Reads only.
Gate gate_of(postgres::Session& session, const executor::RunRecord& run, const Known& known, bool saved = false);
// What waits, what the application must no longer do, and the commands; several lines.
std::string gate_text(const Gate& gate);
// "waits at the gate since 2026-11-29T10:00:00Z, before phase contract: 3 of 5 steps are done"
std::string gate_words(const Gate& gate);
// "--env prod" or "--url …": how the database is named on the command line.
std::string target_words(const Known& known);

// What is left of the plan: the steps that are not in `done`.
plan::Plan rest_of(const plan::Plan& plan, const std::set<std::string>& done);
// For a person, before a new run: how many steps it runs, and whether it stops at the gate.
std::string question(const plan::Plan& plan, plan::Phase until);
// Throws RefusedError if the run is to stop before contract, and a contract step has to run before a step of an earlier phase.
// `rest`: the steps that it would run. REQUIRES: nothing was changed by this command.
void require_stoppable(const plan::Plan& rest, plan::Phase until);
// What is left of a run that waited at the gate. Throws CommandError{stale} if an object that it changes was changed since the
// plan was made. Left out: what the steps in `done` may have changed; of those relations the executor compares the shapes
// (executor/expectation.h).
void require_rest_fresh(const plan::Plan& plan, const std::set<std::string>& done, const postgres::Snapshot& live);

}  // namespace lockstep::fleet
