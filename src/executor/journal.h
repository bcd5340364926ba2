// The journal of a database: schema `lockstep` in it, written by the run that holds the run lock, read by anyone.
//
//   identity  which database this is (one row), and the format of these tables
//   run       one row per run: the whole plan, so that a run can be resumed without its file
//   event     what happened, in order, append-only: the truth. A run's state and a step's progress follow from it
//   backup    one row per file of saved rows, committed with the step that loses them
//   object    transitional objects that are there now, by OID (transitional.h); rows come and go with them
//   applied   last applied state, one row per object (applied.h); its digest is in the event `verified`
//
// Why in the target: a step's event commits or rolls back together with the step, so the two can't disagree.
// Each event's hash is SHA-256 over the hash before it and its own contents (event_hash): a changed, missing or inserted
// event breaks the chain. Events carry digests of the rows beside them: `run_started` of the run's row and plan (run_digest),
// `executed` and `saved` of what was written to lockstep.backup (saved_files.h), `verified` of lockstep.applied. So an edited row
// breaks the chain too. Triggers (ENABLE ALWAYS) refuse UPDATE, DELETE and TRUNCATE; where one is off, that is told.
// The chain is evidence against accidents and edits by hand, not against an owner who recomputes it, and it can't show that
// events at its very end are missing, unless a row of lockstep.run, lockstep.backup or lockstep.applied is left of them.
// Never in here: URLs, passwords, details of errors (PostgreSQL shows rows there), keys of rows that break a rule.
//
// Kinds of event: run_started, resumed, superseded, run_done, then verified or unrecorded (of the run); intent, batch, executed
// (a transactional step, committed with it), saved (a step's values once more, the first file being gone), settled (others, and
// resolved by hand), undone (resolved by hand), failed, interrupted (of a step); restored (rows of a backup came back), identity
// (set, or bound anew): of no run.
//
// Format 2 added what drift needs (applied.content) and events of no run, format 3 the table `object`. A journal of an older
// format is read as it is, and made format 3 by the next writer.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.h"
#include "postgres/session.h"

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
// SHA-256 over a row of lockstep.run, without its plan: id, started (as Event::at), started_by, tool_version, plan_digest,
// desired_fingerprint, steps. In the event `run_started` of the run.
std::string run_digest(const std::vector<std::string>& columns);
inline constexpr std::string_view kGenesis = "lockstep journal";  // "previous" of the first event

// How far a batched step has come on one relation. Invalid once the relation has another filenode.
struct Cursor {
  std::int64_t filenode = 0;
  std::int64_t next = 0;   // first block not done
  std::int64_t upper = 0;  // first block not to be done: the size when the pass began
  int pass = 0;
};
struct StepState {
  bool done = false;
  bool intent = false;                    // announced
  std::map<std::string, Cursor> cursors;  // by qualified relation
};

class Journal {
 public:
  explicit Journal(postgres::Session& session) : session_(session) {}

  // Makes the schema when missing. Call inside a transaction. Throws CommandError{failed} on a foreign schema of that name
  // or a journal of a newer format.
  void install(const plan::Target& target);
  // Brings a journal of an older format to this one. Inside a transaction.
  void upgrade();
  // Inside a transaction or as one statement of its own; only the holder of the run lock may call it. `run` may be empty.
  void append(const std::string& run, std::string_view kind, const std::string& step, const Json& detail);
  // The run's row and its first event. Inside a transaction.
  void start_run(const std::string& run, const std::string& by, const plan::Plan& plan, const Json& detail);
  std::map<std::string, StepState> step_states(const std::string& run);

 private:
  postgres::Session& session_;
};

// Whether schema `lockstep` with its tables is there. Reads only.
bool journal_exists(postgres::Session& session);
inline constexpr int kJournalFormat = 3;
// The events of one run, or all, in order. Reads only.
std::vector<Event> events(postgres::Session& session, const std::string& run = {});
// SQL that prints a timestamptz as Event::at has it.
support::Sql iso_timestamp(const support::Sql& expression);

}  // namespace lockstep::executor
