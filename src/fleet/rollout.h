// One apply to one database, from the lock to "live equals desired". The only writer besides the executor it drives.
//
//   lock → the right database? → finish an open run, if it is for what the files say (else: ask) → compare (or read a saved plan)
//   → protection, hazards against consent → approval → hooks → check that nothing moved meanwhile → execute → verify → record
//   what was applied → pin → hooks
//
// The advisory lock is held from the start, so what is planned is planned against what the last run left. It keeps out
// other runs of Lockstep only: what anybody else changed while a person was reading the plan is found by the check after
// the approval (exit 4). Talks to nobody itself: a Conversation does, so a test can play the person.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "elaborator/options.h"
#include "elaborator/sources.h"
#include "executor/executor.h"
#include "fleet/hooks.h"
#include "fleet/known_target.h"
#include "fleet/protection.h"
#include "plan/hazard.h"

namespace lockstep::fleet {

class Conversation {
 public:
  virtual ~Conversation() = default;
  virtual void show_diagnostics(const support::Diagnostics& diagnostics) = 0;
  virtual void show_plan(const plan::Plan& plan, const std::vector<plan::Hazard>& hazards) = 0;
  // Whether a person who is there consents to this hazard. False where nobody can be asked.
  virtual bool accepts(const plan::Hazard& hazard) = 0;
  virtual void open_run_found(const executor::RunRecord& run) = 0;
  // An open run that was started for something else than what is to be applied now: `situation` says which, since when, how far
  // and what it would still do; `commands` what to type to finish it or to give it up. Returns when somebody at the terminal
  // wants it finished; throws RefusedError otherwise. --yes is no answer to this.
  virtual void approve_other(const std::string& situation, const std::string& commands) = 0;
  // Returns when the answer is yes, throws RefusedError otherwise.
  virtual void approve(const std::string& question) = 0;
  virtual executor::Output& output() = 0;
};

struct Job {
  std::string url;                             // a secret: shown and stored nowhere
  std::optional<elaborator::Sources> sources;  // may be absent with a saved plan
  std::optional<plan::Plan> saved;
  plan::Consent consent;
  executor::Settings settings;
  elaborator::Options options;
  Known known;  // the environment; none for --url, which has neither hooks nor protection
  Hooks hooks;
  std::string hook_folder;
  Protection protection;
};

struct Outcome {
  bool nothing_to_do = false;
  bool resumed = false;   // an open run was finished first
  bool verified = false;  // the whole catalog equals the files; false: a saved plan without files, its objects were checked
  bool pinned = false;    // the environment is new in lockstep.lock
  executor::Report report;
};

// Throws CommandError with the code of docs/exit-codes.md; its message says what state the database is in.
Outcome apply(const Job& job, Conversation& conversation);
// Finishes the open run and nothing else; Outcome::resumed is false where none is open. Throws as apply does.
Outcome resume(const Job& job, Conversation& conversation);

// Declared state, or CommandError{usage} after every diagnostic was shown.
parser::Declared declare(const elaborator::Sources& sources, Conversation& conversation);
// Throws CommandError{usage} if an error is among them; says that nothing was touched, so only before anything is.
void refuse_errors(const support::Diagnostics& diagnostics);
// Shows what there is, then refuse_errors.
void settle(const support::Diagnostics& diagnostics, Conversation& conversation);

}  // namespace lockstep::fleet
