// What the parts of the executor share during one attempt at a run, and how it ends early.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "executor/backup_writer.h"
#include "executor/executor.h"
#include "executor/journal.h"
#include "executor/lock_ladder.h"
#include "executor/watch.h"
#include "postgres/text_settings.h"
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
  const postgres::TextSettings own;  // of the target when the plan was made; empty: the plan knows none
  std::map<std::string, StepState> states;
  std::optional<BackupWriter> backup;  // none: --no-backup
  std::optional<Watch> watch;
  std::chrono::milliseconds deadlock_timeout{1000};
  std::function<double()> random;
  std::optional<std::chrono::steady_clock::time_point> long_attempt;  // the last one at a lock above deadlock_timeout
  std::int64_t rows_backfilled = 0;
  std::chrono::milliseconds backfill_time{0};

  // Saved files that later steps rely on and that were read whole, by the digest of their record.
  struct ReadFile {
    std::string path, signature;
  };
  std::map<std::string, ReadFile> read_files;

  bool changed = false;     // something of this run is committed
  bool committing = false;  // a COMMIT is under way: if the connection breaks now, its outcome is unknown

  postgres::Session& session() { return use.session; }
  std::string short_id() const { return id.substr(0, 8); }
  std::string application(const std::string& part) const { return settings.application + "/" + short_id() + "/" + part; }
  std::size_t steps_done() const;
  // COMMIT, with `committing` set as long as its outcome is open.
  void commit(postgres::Transaction& transaction);
};

// Pins what a step's statements depend on, for the open transaction (`local`) or the session. The server ends a transaction
// of a step that nothing has been heard of for a minute: its client is gone, and it holds locks.
void pin_settings(postgres::Session& session, std::chrono::milliseconds lock_timeout, bool local);

// What the step's text means and what values it computes is decided by the settings the plan was made under (text_settings.h),
// from here to the end of the open transaction (`local`) or until the session is pinned again.
void take_own_settings(Run& run, const plan::Step& step, bool local);

// Journals the failure where the connection allows it and throws the CommandError that ends the command: what happened,
// in which step of which database, what state things are in and what to do next. `state`: what became of this step.
// `for_journal`: instead of `what`, where that shows rows of the user's.
[[noreturn]] void stop(Run& run, const plan::Step& step, const std::string& what, const std::string& state,
                       const std::string& sqlstate = {}, const std::string& for_journal = {});
[[noreturn]] void stop(Run& run, const plan::Step& step, const support::DatabaseError& error, const std::string& state);
// Likewise where the plan no longer fits the database: exit 4 if nothing was changed, else 7, and what to do about the run.
[[noreturn]] void stop_stale(Run& run, const plan::Step& step, const std::string& what);
// Throws CommandError{interrupted or terminated} if a signal has come. `state` as above.
void stop_if_interrupted(Run& run, const plan::Step& step, const std::string& state);
// Sleeps, and does the same as soon as a signal comes.
void pause(Run& run, const plan::Step& step, const std::string& state, std::chrono::milliseconds duration);

// Runs `attempt(lock_timeout)` up the lock ladder as long as it fails retryably; ends with stop() when it is used up, on
// other errors, and on signals. Between attempts the step holds nothing. `state`: what became of the step after a failure.
// Before an attempt, transactions that hold conflicting locks are waited for outside the lock queue (lock_wait.cpp).
void with_lock_retries(Run& run, const plan::Step& step, const std::string& state,
                       const std::function<void(std::chrono::milliseconds lock_timeout)>& attempt);

// The three transaction modes. Each returns when the step is done and journalled.
void run_inside(Run& run, const plan::Step& step);
void run_outside(Run& run, const plan::Step& step);
void run_batches(Run& run, const plan::Step& step);

}  // namespace lockstep::executor
