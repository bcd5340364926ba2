// The journal's view of one database, for `status`, `history` and the decision to resume. Reads only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "postgres/session.h"

namespace lockstep::executor {

// A run is what its events say (schema `lockstep` of the target; absent: never applied).
struct RunRecord {
  std::string id;                 // uuid
  std::string state;              // "running" (or killed), "done", "failed" (or interrupted), "superseded"
  std::string started, finished;  // ISO 8601 UTC; finished is empty while it is running
  std::string by;                 // user@host
  std::string role;               // of the database that started it; empty: not recorded
  std::string plan_digest;
  std::string desired_fingerprint;
  std::string plan_json;
  std::size_t steps = 0, settled = 0;
  std::string last_error;
  bool changed = false;  // a step, or part of one, has been done or may have been

  // "user@host as database role x"
  std::string who() const { return role.empty() ? by : by + " as database role " + role; }
  bool open() const { return state == "running" || (state == "failed" && changed); }
};

// The open run of this database, if there is one.
std::optional<RunRecord> open_run(postgres::Session& session);
// The newest run, where every step of it is done and it was killed before what it left could be recorded (applied.h). Not a run
// that said it would record nothing.
std::optional<RunRecord> unrecorded_run(postgres::Session& session);
// A run did all its steps and records nothing: it found something else than it wanted, or nothing was ever recorded that it could
// add to. For the holder of the run lock.
void note_unrecorded(postgres::Session& session, const std::string& run, const std::string& reason);
// All runs, newest first; empty where Lockstep was never applied.
std::vector<RunRecord> runs(postgres::Session& session);
// Recomputes the hash chain and compares what it covers: plans, rows of runs, of backups and of the last applied state. Says too
// when a trigger that keeps the journal append-only is off. The message names the first event (or run) that doesn't fit. Empty:
// intact.
std::string verify_journal(postgres::Session& session);
// Before an open run is gone on with. Throws CommandError{mismatch} saying what doesn't fit and what to do.
void require_intact_journal(postgres::Session& session, const RunRecord& run);

// Both are for the holder of the run lock.
// Settles by hand a step whose outcome can't be told (`lockstep resolve STEP --applied|--undone`). Throws UsageError where
// the run has no such step or the step is settled.
void resolve_step(postgres::Session& session, const RunRecord& run, const std::string& step, bool applied);
// Gives an open run up as it stands (its plan can't be finished any more): the next plan starts from what is there.
void abandon_run(postgres::Session& session, const RunRecord& run, const std::string& reason);

}  // namespace lockstep::executor
