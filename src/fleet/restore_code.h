// Code of others that bringing rows back would run, and consent to it: the hazard foreign-code of `backup restore`.
#pragma once

#include <string>
#include <vector>

#include "executor/backup.h"
#include "plan/hazard.h"
#include "postgres/session.h"

namespace lockstep::fleet {

// A file of a backup, and the table that takes its rows ("shop.orders"; it need not exist).
struct RestoreTarget {
  std::string table;
  executor::BackupFile file;
};

// What loading the files and writing the rows evaluates and what belongs to a role that isn't trusted, as for a plan
// (docs/security.md): checks of domains, checks, generated columns and indexes of the table, its partitions and children,
// defaults, triggers and rules unless `without_triggers`, foreign tables, event triggers. Nothing of it runs meanwhile.
std::vector<plan::Hazard> foreign_code_of_restore(postgres::Session& session, const std::vector<RestoreTarget>& targets,
                                                  bool without_triggers);

}  // namespace lockstep::fleet
