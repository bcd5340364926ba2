// Reads the runs from the journal, for `status`, `history` and the decision to resume. Reads only, unless stated.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "executor/provenance.h"
#include "plan/hazard.h"
#include "plan/step.h"
#include "session/session.h"

namespace lockstep::executor {

// A run, as its events in schema `lockstep` describe it. Without that schema nothing was ever applied.
struct RunRecord {
  std::string id;  // uuid
  // "running" (or killed), "at the gate", "held", "done", "failed" (or interrupted), "superseded", "rolled back"
  std::string state;
  std::string started, finished;  // ISO 8601 UTC; `finished` is empty while it is running or waits at the gate
  std::string by;                 // user@host
  std::string role;               // the database role that started it; empty: not recorded
  std::string plan_digest;
  std::string desired_fingerprint;
  std::string plan_json;
  std::size_t steps = 0, settled = 0;
  std::string last_error;
  bool changed = false;  // a step, or part of one, was done or may have been done
  bool gated = false;    // it has waited at a gate: it was reviewed and begun, even if no step of it came before

  bool verified = false;  // the database was found to be as desired after it, and the state recorded
  Provenance provenance;

  std::string waits_since;                    // at the gate: ISO 8601 UTC; otherwise empty
  plan::Phase next = plan::Phase::contract;   // at the gate: the phase before which it waits
  plan::Phase until = plan::Phase::contract;  // Settings::until of the last attempt

  // "user@host as database role x"
  std::string who() const { return role.empty() ? by : by + " as database role " + role; }
  // Held: until when rollback has all in place, ISO 8601 UTC, and whether that is over; what the run has taken away is hidden
  // until `purge` removes it.
  std::string held_until;
  bool hold_over = false;

  bool held() const { return state == "held"; }
  bool waits() const { return !waits_since.empty(); }
  bool open() const { return state == "running" || waits() || (state == "failed" && (changed || gated)); }
};

// Runs that are held, newest first.
std::vector<RunRecord> held_runs(postgres::Session& session);
// The one that doesn't wait at the gate, if there is one, and then those that do, newest first.
std::vector<RunRecord> open_runs(postgres::Session& session);
// The first of them, if there is one. `named`: the run, or the beginning of its id; throws UsageError if that is not open, or if
// it is empty and several wait.
std::optional<RunRecord> open_run(postgres::Session& session);
std::optional<RunRecord> open_run(postgres::Session& session, const std::string& named);
// The newest run, if all its steps are done and it was killed before it could record the applied state (applied.h), or, of a way
// back, before it could write values back. Not a run that journalled that it would record nothing.
std::optional<RunRecord> unrecorded_run(postgres::Session& session);
// Journals that a run has done all its steps and records no state: the result differs from the desired state, or there is no
// earlier state that it could extend. REQUIRES: the caller holds the run lock.
void note_unrecorded(postgres::Session& session, const std::string& run, const std::string& reason);
// All runs, newest first; empty if nothing was ever applied.
std::vector<RunRecord> runs(postgres::Session& session);
// Recomputes the hash chain and compares everything that it covers: plans, rows of runs, of backups and of the last applied
// state. Also reports a disabled trigger of those that keep the journal append-only. The message names the first event (or run)
// that doesn't fit. Empty: intact.
std::string verify_journal(postgres::Session& session);
// For before an open run is resumed. Throws CommandError{mismatch} that says what doesn't fit and what to do.
void require_intact_journal(postgres::Session& session, const RunRecord& run);

// The hazards that were consented to when the run was started. Of each only kind, object and step. Reads only.
std::vector<plan::Hazard> consented_hazards(postgres::Session& session, const std::string& run);

// Whether a command of the user's, called `name`, has succeeded in this run (event `hook`). Reads only.
bool hook_noted(postgres::Session& session, const std::string& run, const std::string& name);
// Journals that. REQUIRES: the caller holds the run lock.
void note_hook(postgres::Session& session, const std::string& run, const std::string& name);

// How far the run has come, and which run was the last to change something: a digest. Empty: there is no such run. Reads only.
std::string progress_of(postgres::Session& session, const std::string& run);
// Journals that run `by` has undone the run. `values_due`: but for values that it has to write back from the backup. REQUIRES:
// the caller holds the run lock.
void note_rolled_back(postgres::Session& session, const std::string& run, const std::string& by, bool values_due);
// Journals that the way back has written them back, or has told why not. REQUIRES: the caller holds the run lock.
void note_returned(postgres::Session& session, const std::string& way_back);

// REQUIRES, for the two functions below: the caller holds the run lock.
// Settles a step by hand whose outcome can't be determined (`lockstep resolve STEP --applied|--undone`). Throws UsageError if
// the run has no such step or the step is settled.
void resolve_step(postgres::Session& session, const RunRecord& run, const std::string& step, bool applied);
// Gives up an open run whose plan can't be finished any more. The next plan starts from the database's present state.
void abandon_run(postgres::Session& session, const RunRecord& run, const std::string& reason);

}  // namespace lockstep::executor
