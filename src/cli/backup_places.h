// Where backups are, which of them a command means, and what the database recorded of them. For `backup` and its subcommands.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/target.h"
#include "executor/backup_record.h"
#include "support/error.h"

namespace lockstep::cli {

// The backup folder. Throws UsageError when it isn't there.
std::string store(const Options& options, const Work& todo);
// The environment's own folder isn't there: no run has made it yet.
bool is_unused(const Options& options, const Work& todo);
std::string unused(const Options& options, const Work& todo);  // that, as a sentence
// The folders of one run, by the beginning of its id or by a folder: more than one where it was gone on with from another place.
std::vector<std::string> find_backup(const std::string& name, const Options& options, const Work& todo);

using Record = std::optional<executor::BackupRecord>;

// None: no database was named, and the manifests are all there is.
Record record(Work& todo, const Options& options, const Console& console);
// Of the backups that a command showed: what the database did not record. Throws CommandError{mismatch}.
void require_recorded(const Record& record, const std::vector<std::string>& folders);

// `backup restore`.
support::ExitCode restore_backup(const Options& options, const Console& console, const Work& todo);

}  // namespace lockstep::cli
