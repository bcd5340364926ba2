// Restores what a run saved on a scratch database, reads it back and compares.
//
// The types are those of the database before the run: the backup's catalog.txt is elaborated as any schema file is, in the
// session of the scratch database's unprivileged role. Each file goes into a temporary table of its saved columns, and what COPY
// prints of that table, in the order in which the rows came, has to have the very SHA-256 that was recorded when they were saved.
// So every value was read by its type and printed again. Keys, checks of tables, defaults and triggers are not there: what a
// restore into the live table meets is not rehearsed.
//
// A backup is somebody else's data: its catalog and its values run and are read with no more rights than a pull request has
// (docs/security.md), and nothing of it reaches the live database.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "elaborator/options.h"
#include "executor/backup.h"

namespace lockstep::fleet {

// A file, and the manifest that it is of.
struct ToRehearse {
  const executor::Manifest* manifest = nullptr;
  executor::BackupFile file;
};

struct Rehearsed {
  executor::BackupFile file;
  std::string differs;  // how what came back isn't what was saved; empty: it is
  std::string missing;  // why it can't be restored on scratch: names what is missing; never a value
  std::string said;     // what the server said of it, which may show a value: for the terminal only
};

// In the order of `files`, which must have been verified (verify_backup); a file that was changed since is told too. `each`:
// called after every file. Throws CommandError{failed} if there is no scratch database.
std::vector<Rehearsed> rehearse(const std::vector<ToRehearse>& files, const elaborator::Options& options,
                                const std::function<void(const Rehearsed&)>& each);

}  // namespace lockstep::fleet
