// Where backups are, which of them a command means, and what the database recorded of them. Used by the actions of `backup`.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/target.h"
#include "executor/backup_record.h"
#include "support/error.h"

namespace lockstep::cli {

// The backups that an action works on. If a database is named, the files are compared with its record.
struct PlaceOptions {
  std::string store, env;
  std::string url;  // of the database that is compared with, if it isn't the environment's
};

// "a run (its id …", the help of every RUN.
extern const char* const kRunHelp;
Option env_flag(Flags app, std::string& env);
// --env and --url. `store_flag` is declared apart, because it comes first in the help.
void compared_flags(Flags app, PlaceOptions& options);

struct BackupPlace {
  std::string folder;
  std::string environment;  // empty: none was named
  bool given = false;       // --store names the folder
};
// `store`: of --store.
BackupPlace backup_place(const std::string& store, const Work& todo);
// The folder. Throws UsageError if it doesn't exist.
std::string require_store(const BackupPlace& place);
// Whether the environment's own folder doesn't exist, because no run has created it yet.
bool is_unused(const BackupPlace& place);
std::string unused(const BackupPlace& place);  // a sentence that says so
// The folders of one run, by the begin of its id or by a folder. There is more than one if the run was resumed from another
// place.
std::vector<std::string> find_backup(const std::string& name, const BackupPlace& place);
// Whether `backup prune` has removed the folder in which the file was saved.
bool was_pruned(const std::string& store, const executor::SavedFile& saved);
void record_pruned(const std::string& folder);

struct Chosen {
  const executor::Manifest* manifest;
  executor::BackupFile file;
};
// The files with rows of all folders of a run, each once: the latest of the same values, and, if the database knows the run, only
// what the run committed. `recorded`: null if no database was named. `glob`: on the object; `what`: the descriptions; empty: all.
std::vector<Chosen> chosen(const std::vector<executor::Manifest>& manifests, const executor::BackupRecord* recorded,
                           const std::string& glob, const std::set<std::string>& what);

// What an action works on, with the settings of the environment, if one was named.
Work backup_work(const std::string& env, const ConfigOptions& config, const Console& console);

using Record = std::optional<executor::BackupRecord>;

// nullopt: no database was named, so only the manifests are known.
Record record(const Work& todo, const std::string& url, const Console& console);
// Checks the backups that a command showed against the database's record. Throws CommandError{mismatch}.
void require_recorded(const Record& record, const std::vector<std::string>& folders);

// The actions of `backup`.
extern const Command kBackupList, kBackupShow, kBackupVerify, kBackupRehearse, kBackupRestore, kBackupPrune;

}  // namespace lockstep::cli
