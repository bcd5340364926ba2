// Runs a plan: journals every step, saves what a step loses before it loses it, can be killed at any moment and run again.
//
// Needs no planner and no kinds: everything it does is in the plan. One session does the work and holds the advisory lock;
// a second one (opened through `connect`) watches blockers and progress.
// Rules: a transactional step and its journal event commit together; an `outside` step has its intent journalled before and
// is settled by its postcheck; a batch commits its cursor with its rows. So: kill -9 anywhere, run again, same end.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "executor/clock.h"
#include "executor/output.h"
#include "plan/hazard.h"
#include "plan/plan.h"
#include "postgres/session.h"

namespace lockstep::executor {

struct Settings {
  std::chrono::milliseconds lock_timeout{2000};   // the highest rung of the ladder
  int lock_retries = 30;
  std::chrono::milliseconds batch_time{200};      // target per backfill batch
  std::string backup_folder = "backups";
  bool backup = true;                             // --no-backup
  std::string application = "lockstep";
};

struct Dependencies {
  postgres::Session& session;
  std::function<std::unique_ptr<postgres::Session>()> connect;  // a further connection to the same database
  Clock& clock;
  Output& output;
};

// The journal's view of one database (schema `lockstep` of the target; absent: never applied).
struct RunRecord {
  std::string id;      // uuid
  std::string state;   // "running", "done", "failed", "superseded"
  std::string started, finished;  // ISO 8601 UTC; empty: not yet
  std::string by;                 // user@host
  std::string plan_digest;
  std::string desired_fingerprint;
  std::string plan_json;
  std::size_t steps = 0, settled = 0;
  std::string last_error;
};

struct Journal;  // journal.h

// Holds the advisory lock for its lifetime. Throws CommandError{locked} naming the holder (pid, host, since).
// Refuses a transaction-pooling proxy (backend pid of the protocol differs from pg_backend_pid(), or changes).
class RunLock {
 public:
  static std::unique_ptr<RunLock> acquire(postgres::Session& session);
  virtual ~RunLock() = default;
};

// Runs `plan` from its first step, under the lock, creating schema `lockstep` when missing. `consented`: hazards, journalled.
// Throws CommandError: failed (no step has run, or all was rolled back), partial (stopped part-way, journalled),
// interrupted/terminated. On success the run is `done`.
struct Report {
  std::string run_id;
  std::size_t steps_done = 0;
  std::int64_t rows_backfilled = 0;
  std::vector<std::string> backups;  // folders written
};
Report execute(const plan::Plan& plan, const std::vector<plan::Hazard>& consented, const Settings& settings, Dependencies& use);

// The open run (state running or failed part-way) of this database, if there is one. Reads only.
std::optional<RunRecord> open_run(postgres::Session& session);
// Goes on where the open run stopped, to its end.
Report resume(const RunRecord& run, const Settings& settings, Dependencies& use);
// All runs, newest first (`status`, `history`). Reads only; empty where Lockstep was never applied.
std::vector<RunRecord> runs(postgres::Session& session);
// Recomputes the hash chain of the journal; the message names the first event that doesn't fit. Empty: intact.
std::string verify_journal(postgres::Session& session);

// Last applied state: the desired catalog's fingerprints per object, written when a run is verified.
void record_applied(postgres::Session& session, const std::string& run_id, const std::string& fingerprint,
                    const std::vector<std::pair<std::string, std::string>>& objects);

}  // namespace lockstep::executor
