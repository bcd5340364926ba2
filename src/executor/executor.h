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

#include "executor/applied.h"
#include "executor/clock.h"
#include "executor/identity.h"
#include "executor/output.h"
#include "executor/run_lock.h"
#include "executor/run_record.h"
#include "plan/hazard.h"
#include "plan/plan.h"
#include "postgres/session.h"

namespace lockstep::executor {

struct Settings {
  std::chrono::milliseconds lock_timeout{2000};     // the highest rung of the ladder
  int lock_retries = 30;                            // attempts after the first, per step (per batch of a backfill)
  std::chrono::milliseconds batch_time{200};        // target per backfill batch
  std::chrono::milliseconds max_replica_lag{5000};  // a backfill pauses above it; 0: not asked
  std::string backup_folder = "backups";
  bool backup = true;  // --no-backup; journalled
  std::string application = "lockstep";
  std::string by;            // who runs it, "alice@laptop"; empty: the session's database user
  std::string run_id;        // uuid of a new run; empty: one is drawn
  std::string catalog_text;  // what the database looked like before, kept with the backups; empty: none given
};

struct Dependencies {
  postgres::Session& session;
  std::function<std::unique_ptr<postgres::Session>()> connect;  // a further connection to the same database; may be empty
  Clock& clock;
  Output& output;
};

struct Report {
  std::string run_id;
  std::size_t steps_done = 0;                  // of the whole run, those of earlier attempts included
  std::int64_t rows_backfilled = 0;            // by this attempt
  std::chrono::milliseconds backfill_time{0};  // that it took
  std::vector<std::string> backups;            // folders written by this attempt
};

// Runs `plan` under the run lock, creating schema `lockstep` when missing. `consented`: hazards, journalled. An open run
// of the very same plan is resumed; an open run of another plan is superseded.
// Before the first change, each with exit 1 and nothing changed: privileges, the backup folder, data checks.
// Throws CommandError: locked, failed (no step has run, or all was rolled back), partial (stopped part-way, journalled),
// interrupted / terminated. On success the run is `done`.
Report execute(const plan::Plan& plan, const std::vector<plan::Hazard>& consented, const Settings& settings, Dependencies& use);

// Goes on where the open run stopped, to its end. Throws like execute.
Report resume(const RunRecord& run, const Settings& settings, Dependencies& use);

}  // namespace lockstep::executor
