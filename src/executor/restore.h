// Brings saved rows back into a database: first looks (rows are loaded into a temporary table and compared), then, when the
// caller has asked, writes. Everything is written in one transaction, or nothing.
//
//   whole rows of a table   INSERT of those that aren't there; a row whose key is taken stays as it is
//   values of one column    UPDATE by the key that was saved along with them
//   state of a sequence     setval
//
// A table or column must exist again; what has no key to find its rows by is refused, unless the rows go into a table of
// their own. User triggers of the table fire, as for any INSERT or UPDATE, unless the caller turns them off (restore_triggers.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "executor/backup.h"
#include "postgres/session.h"

namespace lockstep::executor {

enum class RestoreStrategy { rows, values, sequence };

// What one file would do. Made by look_at; holds the name of the session's temporary table with the rows.
struct Restoration {
  BackupFile file;
  RestoreStrategy way = RestoreStrategy::rows;
  std::string target;                // qualified
  std::vector<std::string> columns;  // of the target that are written
  std::vector<std::string> key;      // values: the columns that find a row
  std::string loaded;                // the temporary table
  bool creates_target = false;       // --into a table that doesn't exist
  std::int64_t saved = 0;            // rows in the file
  std::int64_t found = 0;            // values: rows of the target with a saved key
  std::int64_t differing = 0;        // values: of these, how many would change
  std::int64_t overwritten = 0;      // values: of these, how many have a value now that isn't NULL
};

// Checks the file (CommandError{mismatch} when it is damaged), then whether and how it can be brought back. `into`: another
// table, schema-qualified, that takes the rows as they were saved. Throws CommandError{failed} saying what is in the way.
Restoration look_at(postgres::Session& session, const Manifest& manifest, const BackupFile& file, const std::string& into);

// Rows that others refer to first, by the foreign keys of the target; in a circle only deferrable ones work out.
void put_in_order(postgres::Session& session, std::vector<Restoration>& all);

// Writes all of them, in this order, and journals it where the database has a journal. For the holder of the run lock.
// Returns the number of rows written per restoration. `without_triggers`: see restore_triggers.h.
std::vector<std::int64_t> restore(postgres::Session& session, const Manifest& manifest, const std::vector<Restoration>& all,
                                  const std::string& by, bool without_triggers);

}  // namespace lockstep::executor
