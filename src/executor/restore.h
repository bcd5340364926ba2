// Restores saved rows into a database. It first examines them (rows are loaded into a temporary table and compared) and writes
// only if the caller asks it to. Everything is written in one transaction.
//
//   whole rows of a table   INSERT of the missing ones; a row whose key exists is not changed
//   values of one column    UPDATE by the key that was saved with them; where it was saved too what they became (plan::kBecame),
//                           only of rows that still have that; no NULL into a column that is NOT NULL
//   state of a sequence     setval
//
// The table or column must exist again. Rows without a key to find them by are refused, unless they go into a separate table.
// User triggers of the table fire, as for any INSERT or UPDATE, unless the caller turns them off (restore_triggers.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "executor/backup.h"
#include "session/session.h"

namespace lockstep::executor {

enum class RestoreStrategy { rows, values, sequence };

// What restoring one file would do. Made by look_at(); the rows are in a temporary table of the session.
struct Restoration {
  BackupFile file;
  RestoreStrategy way = RestoreStrategy::rows;
  std::string target;                // qualified
  std::vector<std::string> columns;  // the target's columns that are written
  std::vector<std::string> key;      // for values: the columns that identify a row
  bool only_unwritten = false;       // for values: only of rows that have what the saved value became
  std::string loaded;                // the temporary table
  bool computed = false;             // for values: PostgreSQL computes the column, so none are written
  bool demands_value = false;        // for values: the column is NOT NULL, so a saved NULL is not written
  bool creates_target = false;       // --into a table that doesn't exist
  std::int64_t saved = 0;            // rows in the file
  std::int64_t found = 0;            // for values: rows of the target with a saved key
  std::int64_t differing = 0;        // for values: how many of these would change
  std::int64_t overwritten = 0;      // for values: how many of these have a non-NULL value now
};

// Checks the file (CommandError{mismatch} if it is damaged), then whether and how it can be restored. `into`: another table,
// schema-qualified, that takes the rows as they were saved. Throws CommandError{failed} with the reason if it can't be.
Restoration look_at(postgres::Session& session, const Manifest& manifest, const BackupFile& file, const std::string& into);

// Orders them so that referenced rows come first, by the foreign keys of the target, and keys before what is found by them. In a
// cycle only deferrable keys work.
void put_in_order(postgres::Session& session, std::vector<Restoration>& all);

// Writes all of them in this order, and journals that if the database has a journal. Returns the number of rows written for
// each. `without_triggers`: see restore_triggers.h. REQUIRES: the caller holds the run lock.
std::vector<std::int64_t> restore(postgres::Session& session, const Manifest& manifest, const std::vector<Restoration>& all,
                                  const std::string& by, bool without_triggers);

}  // namespace lockstep::executor
