// The hazard foreign-code of `backup restore`: code of other roles that restoring rows would run.
#pragma once

#include <string>
#include <vector>

#include "executor/backup.h"
#include "plan/hazard.h"
#include "session/session.h"

namespace lockstep::fleet {

// A file of a backup and the table to restore it into ("shop.orders"; it need not exist).
struct RestoreTarget {
  std::string table;
  executor::BackupFile file;
};

// The code of untrusted roles that loading the files and writing the rows evaluates, as for a plan (docs/security.md): checks
// of domains; checks, generated columns and indexes of the table, its partitions and children; defaults; triggers and rules
// unless `without_triggers`; foreign tables; event triggers. Runs none of that code.
std::vector<plan::Hazard> foreign_code_of_restore(postgres::Session& session, const std::vector<RestoreTarget>& targets,
                                                  bool without_triggers);

}  // namespace lockstep::fleet
