// Where backups are, which of them a command means, and what the database recorded of them. Used by `backup` and its
// subcommands.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/target.h"
#include "executor/backup_record.h"
#include "support/error.h"

namespace lockstep::cli {

// The backup folder. Throws UsageError if it doesn't exist.
std::string store(const Options& options, const Work& todo);
// Whether the environment's own folder doesn't exist, because no run has created it yet.
bool is_unused(const Options& options, const Work& todo);
std::string unused(const Options& options, const Work& todo);  // a sentence that says so
// The folders of one run, by the begin of its id or by a folder. There is more than one if the run was resumed from another
// place.
std::vector<std::string> find_backup(const std::string& name, const Options& options, const Work& todo);

using Record = std::optional<executor::BackupRecord>;

// nullopt: no database was named, so only the manifests are known.
Record record(Work& todo, const Options& options, const Console& console);
// Checks the backups that a command showed against the database's record. Throws CommandError{mismatch}.
void require_recorded(const Record& record, const std::vector<std::string>& folders);

// `backup restore`.
support::ExitCode restore_backup(const Options& options, const Console& console, const Work& todo);

}  // namespace lockstep::cli
