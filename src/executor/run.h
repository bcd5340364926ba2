// The state that the parts of the executor share during one attempt at a run, and how an attempt ends early.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "executor/backup_writer.h"
#include "executor/executor.h"
#include "executor/journal.h"
#include "executor/lock_ladder.h"
#include "executor/watch.h"
#include "session/text_settings.h"
#include "support/error.h"

namespace lockstep::executor {

struct Run {
  Run(const plan::Plan& the_plan, const Settings& the_settings, Dependencies& dependencies, Output& shared, std::string run_id)
      : plan(the_plan),
        settings(the_settings),
        use(dependencies),
        output(shared),
        journal(dependencies.session),
        id(std::move(run_id)),
        own(postgres::remembered_text_settings(the_plan.read_set)) {}

  const plan::Plan& plan;
  const Settings& settings;
  Dependencies& use;
  Output& output;
  Journal journal;
  std::string id;
  const postgres::TextSettings own;  // the target's settings when the plan was made; empty: the plan doesn't contain them
  std::map<std::string, StepState> states;
  std::optional<BackupWriter> backup;  // none: --no-backup
  std::optional<Watch> watch;
  std::chrono::milliseconds deadlock_timeout{1000};
  std::function<double()> random;
  // the last attempt with a lock_timeout above deadlock_timeout
  std::optional<std::chrono::steady_clock::time_point> long_attempt;
  std::int64_t rows_backfilled = 0;
  std::chrono::milliseconds backfill_time{0};

  // Saved files that later steps rely on and that were read completely, by the digest of their record.
  struct ReadFile {
    std::string path, signature;
  };
  std::map<std::string, ReadFile> read_files;

  // Ends what works on other sessions for the running step; empty: nothing does. Nobody else writes the journal then.
  std::function<void()> end_helpers;

  bool changed = false;     // something of this run has been committed
  bool committing = false;  // a COMMIT is under way: if the connection breaks now, its outcome is unknown

  postgres::Session& session() { return use.session; }
  std::string short_id() const { return id.substr(0, 8); }
  std::string application(const std::string& part) const { return settings.application + "/" + short_id() + "/" + part; }
  std::size_t steps_done() const;
  // COMMIT. Sets `committing` as long as the outcome is unknown.
  void commit(postgres::Transaction& transaction);
};

// Sets what a step's statements depend on, for the open transaction (`local`) or for the session. The server ends a step's
// transaction if it is idle for a minute: then the client is gone while the transaction still has locks.
void pin_settings(postgres::Session& session, std::chrono::milliseconds lock_timeout, bool local);
support::Sql pinned_settings(std::chrono::milliseconds lock_timeout, bool local);  // the statement that does it

// Sets the settings under which the plan was made (text_settings.h), which decide what the step's text means and which values
// it computes. They last until the end of the open transaction (`local`) or until the session is pinned again.
void take_own_settings(Run& run, const plan::Step& step, bool local);

// Journals the failure if the connection allows it, and throws the CommandError that ends the command. The message says what
// happened, in which step of which database, what state things are in and what to do next. `state`: what became of this step.
// `for_journal`: replaces `what` if that contains rows of the user's.
[[noreturn]] void stop(Run& run, const plan::Step& step, const std::string& what, const std::string& state,
                       const std::string& sqlstate = {}, const std::string& for_journal = {});
[[noreturn]] void stop(Run& run, const plan::Step& step, const support::DatabaseError& error, const std::string& state);
// The same if the plan no longer fits the database: exit 4 if nothing was changed, else 7, with what to do about the run.
[[noreturn]] void stop_stale(Run& run, const plan::Step& step, const std::string& what);
// Throws CommandError{interrupted or terminated} if a signal has arrived. `state` as above.
void stop_if_interrupted(Run& run, const plan::Step& step, const std::string& state);
// Sleeps, and ends like stop_if_interrupted() as soon as a signal arrives.
void pause(Run& run, const plan::Step& step, const std::string& state, std::chrono::milliseconds duration);

// Calls `attempt(lock_timeout)` with the timeouts of the lock ladder as long as it fails with a retryable error. Ends with
// stop() when no attempts are left, on other errors, and on signals. Between attempts the step has no locks. `state`: what
// became of the step after a failure. Before an attempt, it waits outside the lock queue for transactions with conflicting
// locks (lock_wait.cpp).
void with_lock_retries(Run& run, const plan::Step& step, const std::string& state,
                       const std::function<void(std::chrono::milliseconds lock_timeout)>& attempt);

// Whether others queue behind the step's requests. If its locks are unknown, they may.
bool keeps_others_waiting(const plan::Step& step);

// The three transaction modes. Each function returns when the step is done and journalled.
void run_inside(Run& run, const plan::Step& step);
void run_outside(Run& run, const plan::Step& step);
void run_batches(Run& run, const plan::Step& step);

}  // namespace lockstep::executor
