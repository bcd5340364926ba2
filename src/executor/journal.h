// The journal of a database: its schema `lockstep`. Only the run that holds the run lock writes it; anyone may read it.
//
//   identity  which database this is (one row), and the format of these tables
//   run       one row a run, with the whole plan, so that a run can be resumed without its file
//   event     what happened, in order, append-only. The state of a run and of its steps follows from it
//   backup    one row a file of saved rows, committed with the step that loses them
//   object    the transitional objects that exist now, by OID (transitional.h)
//   applied   the last applied state, one row an object (applied.h); its digest is in the event `verified`
//
// The journal is in the target so that a step and its event commit or roll back together and can't disagree.
// Each event's hash is SHA-256 over the previous event's hash and its own contents (event_hash): a changed, missing or inserted
// event breaks the chain. Events contain digests of other rows: `run_started` of the run's row and plan (run_digest),
// `executed` and `saved` of the rows in lockstep.backup (saved_files.h), `verified` of lockstep.applied. So an edited row
// breaks the chain too. Triggers (ENABLE ALWAYS) refuse UPDATE, DELETE and TRUNCATE; verify_journal() reports a disabled one.
// The chain is evidence against accidents and manual edits, not against an owner who recomputes it. It can't show that events
// at its very end are missing, unless a row of lockstep.run, lockstep.backup or lockstep.applied remains of them.
// The journal never contains URLs, passwords, details of errors (in which PostgreSQL shows rows) or keys of rows that break a
// rule.
//
// Kinds of event. Of a run: run_started, resumed, gate (it waits before a phase), hook (a command of the user's between two
// phases has succeeded, and isn't run again), superseded, run_done, then verified or unrecorded,
// rolled_back (another run has undone it; with values "due", and then, of that run, returned: what it had to write back from the
// backup is written, or somebody was told why not), rehearsed (its backup was restored on scratch: rehearsal.h), promoted (on
// what attestation it passed its gate). Of a step: intent, batch, executed (a transactional step, committed with it), saved (a
// step's values saved once more, because the first file is gone), settled (other steps, and resolved by hand), undone (resolved
// by hand), failed, interrupted. Of no run: restored (rows of a backup were restored), identity (set, or bound anew).
//
// Format 2 added what drift needs (applied.content) and events of no run; format 3 added the table `object`. A journal of an
// older format is read as it is, and the next writer upgrades it to format 3.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.h"
#include "session/session.h"

namespace lockstep::executor {

using Json = nlohmann::ordered_json;

struct Event {
  std::int64_t id = 0;  // 1, 2, 3 … without gaps
  std::string run;      // empty: of no run
  std::string at;       // ISO 8601 UTC, microseconds
  std::string kind, step;
  std::string detail;  // JSON, byte by byte as stored
};
std::string event_hash(const std::string& previous, const Event& event);
// SHA-256 over the columns of a row of lockstep.run except its plan: id, started (as Event::at), started_by, tool_version,
// plan_digest, desired_fingerprint, steps. The run's event `run_started` contains it.
std::string run_digest(const std::vector<std::string>& columns);
inline constexpr std::string_view kGenesis = "lockstep journal";  // the "previous" hash of the first event

// The progress of a batched step on one relation. It is invalid if the relation's filenode has changed.
struct Cursor {
  std::int64_t filenode = 0;
  std::int64_t next = 0;   // first block that is not done
  std::int64_t upper = 0;  // end of the pass: the number of blocks when the pass began
  int pass = 0;
};
struct StepState {
  bool done = false;
  bool intent = false;                    // journalled before the step ran
  std::map<std::string, Cursor> cursors;  // by qualified relation
};

class Journal {
 public:
  explicit Journal(postgres::Session& session) : session_(session) {}

  // Creates the schema if it is missing. Throws CommandError{failed} if a foreign schema has that name, or if the journal's
  // format is newer. REQUIRES: called inside a transaction.
  void install(const plan::Target& target);
  // Upgrades a journal of an older format. REQUIRES: called inside a transaction.
  void upgrade();
  // Appends an event, inside a transaction or as one statement of its own. `run` may be empty. REQUIRES: the caller holds the
  // run lock.
  void append(const std::string& run, std::string_view kind, const std::string& step, const Json& detail);
  // Inserts the run's row and its first event. REQUIRES: called inside a transaction.
  void start_run(const std::string& run, const std::string& by, const plan::Plan& plan, const Json& detail);
  std::map<std::string, StepState> step_states(const std::string& run);

 private:
  postgres::Session& session_;
};

// Whether schema `lockstep` with its tables exists. Reads only.
bool journal_exists(postgres::Session& session);
inline constexpr int kJournalFormat = 3;
// The events of one run, or of all runs, in order. Reads only.
std::vector<Event> events(postgres::Session& session, const std::string& run = {});
// SQL that prints a timestamptz in the format of Event::at.
support::Sql iso_timestamp(const support::Sql& expression);

}  // namespace lockstep::executor
