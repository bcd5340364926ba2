// What is known of rehearsals of backups: a run's backup was restored on scratch and compared with what was saved.
//
// Each is stamped in two places. The journal's event `rehearsed` is the record: it is what `report`, `verify` and
// `rehearsed_within` go by. The stamp beside the backup (kStampName) is for people who have the folder and no database; it is not
// covered by anything, and counts for nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "session/session.h"

namespace lockstep::executor {

inline constexpr const char* kStampName = "rehearsed.json";  // in the backup's folder; "lockstep-rehearsal/1"

struct Rehearsal {
  std::string run;  // or the beginning of its id, if the manifest can't be read and no database was asked
  std::string at;   // ISO 8601 UTC; in the journal, that of the event
  std::string by;   // user@host
  // "passed"; "failed": damaged, or it came back otherwise than it was saved; "incomplete": a part of it can't be restored on
  // scratch
  std::string result;
  std::int64_t files = 0, rows = 0, bytes = 0;  // bytes: as stored
  std::int64_t milliseconds = 0;
  std::vector<std::string> problems;  // names of objects and files; never a value of a row

  bool passed() const { return result == "passed"; }
};

std::string to_text(const Rehearsal& rehearsal);
// The stamp beside a backup; nullopt: there is none, or it isn't one. The folder is somebody else's: only a regular file of a
// modest size is read.
std::optional<Rehearsal> read_stamp(const std::string& folder);

// Appends the event, in a transaction of its own. `rehearsal.at` is not used. REQUIRES: the caller holds the run lock, and the
// journal has that run.
void note_rehearsed(postgres::Session& session, const Rehearsal& rehearsal);

// All of a database, newest first. Reads only; empty without a journal.
std::vector<Rehearsal> rehearsals(postgres::Session& session);

// How long ago the last one passed, by the database's clock. One that failed after it makes it worthless.
struct RehearsalAge {
  bool saved = false;                   // a run of this database has saved something that could be rehearsed
  std::optional<Rehearsal> passed;      // the last one that passed
  std::optional<Rehearsal> failed;      // the last one that failed, if none has passed since
  std::optional<std::int64_t> seconds;  // since `passed`; absent: there is none, or one has failed since
};
RehearsalAge rehearsal_age(postgres::Session& session);

}  // namespace lockstep::executor
