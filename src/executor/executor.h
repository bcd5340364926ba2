// Runs a plan: journals every step and saves what a step loses before it loses it. It can be killed at any moment and run
// again.
//
// It needs no planner and no kinds, because the plan contains everything. One session does the work and holds the advisory
// lock; a second one (opened through `connect`) watches blockers and progress.
// Transaction rules: a transactional step commits together with its journal event. An `outside` step journals its intent before
// it runs, and its postcheck settles the outcome. A batch commits its cursor with its rows. Therefore a run that is killed at
// any point and run again reaches the same end.
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
#include "executor/provenance.h"
#include "executor/run_lock.h"
#include "executor/run_record.h"
#include "plan/hazard.h"
#include "plan/plan.h"
#include "session/session.h"

namespace lockstep::executor {

struct Settings {
  std::chrono::milliseconds lock_timeout{2000};     // the longest lock_timeout of the ladder
  int lock_retries = 30;                            // attempts after the first, per step (per batch of a backfill)
  std::chrono::milliseconds batch_time{15};         // target per backfill batch: who waits for one of its rows waits as long
  int backfill_workers = 2;                         // sessions that fill at most, as long as each makes it faster
  std::chrono::milliseconds max_replica_lag{5000};  // a backfill pauses above it; 0: not checked
  std::int64_t max_slot_lag = 4LL << 30;            // bytes of WAL that an active replication slot is behind; likewise
  std::int64_t max_wal = 0;                         // bytes of WAL a second that the server writes while it fills; 0: any
  int max_dead = 0;                                 // dead rows in percent of the live ones of a table that it fills; 0: any
  std::string backup_folder = "backups";
  bool backup = true;  // --no-backup; journalled
  // The run waits at the gate before the first step of a later phase. `contract`: also in the hold, before phase purge.
  plan::Phase until = plan::Phase::contract;
  // Asked when contract begins, before its first step: why it may not; empty: it may, or nobody asks. Then the run waits at the
  // gate.
  std::function<std::string(const std::string& run)> keeps_from_contract;
  std::string application = "lockstep";
  std::string by;            // who runs it, "alice@laptop"; empty: the session's database user
  std::string run_id;        // uuid of a new run; empty: a random one
  Provenance provenance;     // of a new run
  std::string catalog_text;  // a description of the database before the run, saved with the backups; empty: none
};

struct Dependencies {
  postgres::Session& session;
  std::function<std::unique_ptr<postgres::Session>()> connect;  // opens another connection to the same database; may be empty
  Clock& clock;
  Output& output;
};

struct Report {
  std::string run_id;
  std::size_t steps_done = 0;                  // of the whole run, including earlier attempts
  std::int64_t rows_backfilled = 0;            // by this attempt
  std::chrono::milliseconds backfill_time{0};  // of these rows
  std::vector<std::string> backups;            // folders written by this attempt
  std::optional<plan::Phase> waits_before;     // the run waits at the gate before this phase; nullopt: it is done or held
  std::string refused;                         // why, if it was to pass that gate
  std::string held_until;                      // ISO 8601 UTC; empty: nothing of it is held
};

// Runs `plan` under the run lock. Creates schema `lockstep` if it is missing. `consented`: the hazards to journal. An open run
// of the same plan is resumed; an open run of another plan is superseded.
// Privileges, the backup folder and data checks are checked before the first change; a failure there is exit 1 with nothing
// changed.
// Throws CommandError: locked, failed (no step has run, or all was rolled back), partial (stopped part-way, journalled),
// interrupted or terminated. On success the run is `done`, or waits at the gate (Report::waits_before) and is open, or is held
// (Report::held_until) and is not open: other runs may come.
Report execute(const plan::Plan& plan, const std::vector<plan::Hazard>& consented, const Settings& settings, Dependencies& use);

// Throws CommandError{stale}, or {partial} for a run that was cut off before its gate, if the database has changed so that the
// steps that are left of the run don't fit it any more. resume() asks the same.
void require_rest_unmoved(postgres::Session& session, const RunRecord& record);

// Continues the open run to its end or to the gate. Throws like execute(); if the run waited at the gate and the database has
// changed, CommandError{stale}, and it waits as before.
Report resume(const RunRecord& run, const Settings& settings, Dependencies& use);

// Runs the steps of phase purge of a held run, whenever the hold ends: the caller decides that. If it is stopped, the run is held
// as before, and the same call goes on. Throws like execute().
Report purge(const RunRecord& run, const Settings& settings, Dependencies& use);

}  // namespace lockstep::executor
