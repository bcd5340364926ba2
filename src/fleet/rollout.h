// A rollout: one apply to one database, from the lock to "live equals desired". Only the rollout and the executor that it runs
// write to the database.
//
//   lock → the right database? → finish an open run, if it is for the same files (else: ask) → compare (or read a saved plan)
//   → protection, hazards against consent → approval → hooks → check that nothing changed meanwhile → execute → verify → record
//   what was applied → pin → hooks
//
// With gates, or --phase, it ends at the gate instead (fleet/gate.h), and the run is open. A run that waits at the gate goes on
// only by --phase; another open run goes on as far as the command that started or continued it last was to go.
//
// `require:` and `after:` of the environment are asked before anything is approved; a way back and the end of a run that had
// stopped don't ask them.
//
// The advisory lock is held from the start, so a plan is made against the state that the last run left. The lock excludes only
// other runs of Lockstep; what anybody else changed while a person read the plan is found by the check after the approval (exit
// 4). It communicates only through a Conversation, so that a test can play the person.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "elaborator/options.h"
#include "elaborator/sources.h"
#include "executor/executor.h"
#include "fleet/approval.h"
#include "fleet/gate.h"
#include "fleet/hooks.h"
#include "fleet/known_target.h"
#include "fleet/promotion.h"
#include "fleet/protection.h"
#include "fleet/requirements.h"
#include "fleet/undone_run.h"
#include "plan/hazard.h"
#include "reconciler/selection.h"

namespace lockstep::fleet {

class Conversation {
 public:
  virtual ~Conversation() = default;
  virtual void show_diagnostics(const support::Diagnostics& diagnostics) = 0;
  virtual void show_plan(const plan::Plan& plan, const std::vector<plan::Hazard>& hazards) = 0;
  // Whether the person consents to this hazard. False if nobody can be asked.
  virtual bool accepts(const plan::Hazard& hazard) = 0;
  virtual void open_run_found(const executor::RunRecord& run) = 0;
  // For an open run that was started for another desired state. `situation`: which state, since when, how far it got and what
  // it would still do; `commands`: what to type to finish it or to give it up. Returns if the person wants it finished; throws
  // RefusedError otherwise. --yes doesn't answer this question.
  virtual void approve_other(const std::string& situation, const std::string& commands) = 0;
  // Returns if the answer is yes, throws RefusedError otherwise.
  virtual void approve(const std::string& question) = 0;
  virtual executor::Output& output() = 0;
};

struct Job {
  std::string url;                             // a secret: never shown or stored
  std::optional<elaborator::Sources> sources;  // may be absent with a saved plan
  std::optional<plan::Plan> saved;
  reconciler::Selection selection;  // which part of the changes; of a saved plan its own
  plan::Consent consent;
  executor::Settings settings;
  elaborator::Options options;
  Known known;  // the environment; empty for --url, which has neither hooks nor protection
  Hooks hooks;
  std::string hook_folder;
  std::string configuration;             // the path of lockstep.yaml
  std::vector<std::string> backup_also;  // `backup: also:` of the environment; not without backups
  Protection protection;
  std::optional<std::chrono::hours> rehearsed_within;  // `backup: rehearsed_within:` of the environment
  std::chrono::milliseconds quiet{0};  // of the environment: how long nobody may have written through an old name before contract
  std::string still_used;              // why contract may come although somebody does; journalled
  std::optional<Repository> repository;  // that lockstep.yaml is in
  Approvals approvals;                   // of the plan file, for an environment that requires some
  Requirements required;                 // `require:` of the environment
  Upstream upstream;                     // `after:` of the environment
  std::string run;                       // the open run that it is about, or the beginning of its id; empty: there is only one
  bool hold_given = false;               // --hold: for a new run only
  bool dry_run = false;                  // nothing is recorded before the approval, where the conversation ends it
  bool gates = false;                    // of the environment: a new run stops before contract
  std::optional<plan::Phase> phase;      // --phase: up to the end of this one, whatever `gates` is
};

struct Outcome {
  bool nothing_to_do = false;
  bool resumed = false;      // an open run was finished first
  bool passed_gate = false;  // that run had waited at the gate
  bool more_to_do = false;   // after it the files ask for more, which this command didn't begin
  // The run waits at the gate, now or as before; nothing after this member is set except pinned and the report.
  std::optional<Gate> gate;
  bool part = false;  // the plan holds a chosen part of the changes
  // the whole catalog equals the files; false: for a part, or a saved plan without files, only the plan's objects were checked
  bool verified = false;
  bool pinned = false;  // the environment was added to lockstep.lock
  Undone undone;        // by a way back; its run is empty after another plan
  executor::Report report;
};

// Throws CommandError with a code of docs/exit-codes.md; its message says what state the database is in.
Outcome apply(const Job& job, Conversation& conversation);
// Finishes the open run, or continues it up to the gate, and does nothing else; Outcome::resumed is false if it didn't. It passes
// no gate. Throws like apply().
Outcome resume(const Job& job, Conversation& conversation);

// The declared state. Shows all diagnostics; throws CommandError{usage} if there are errors.
parser::Declared declare(const elaborator::Sources& sources, Conversation& conversation);
// Throws CommandError{usage} if there are errors. Its message says that nothing was changed. REQUIRES: that is true.
void refuse_errors(const support::Diagnostics& diagnostics);
// Shows the diagnostics, then calls refuse_errors().
void settle(const support::Diagnostics& diagnostics, Conversation& conversation);

}  // namespace lockstep::fleet
