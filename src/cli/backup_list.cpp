// Lists the backups, and shows what one holds.
#include <algorithm>

#include "cli/backup_document.h"
#include "cli/backup_places.h"

namespace lockstep::cli {
namespace backup_list {
namespace {

using executor::Manifest;
using support::ExitCode;

struct ListOptions {
  PlaceOptions place;
  std::string format;
};

void list_flags(Flags app, ListOptions& options) {
  store_flag(app, options.place.store);
  compared_flags(app, options.place);
  format_flag<BackupsDocument>(app, options.format, kBackupsFormats);
}

struct ShowOptions {
  PlaceOptions place;
  std::string run, format;
};

void show_flags(Flags app, ShowOptions& options) {
  store_flag(app, options.place.store);
  app.option("RUN", options.run, kRunHelp).required().type("RUN|FOLDER");
  compared_flags(app, options.place);
  format_flag<RunBackups>(app, options.format, kRunBackupsFormats);
}

// `record`: of the database, if one was named.
RehearsedBackups rehearsed(const std::vector<Manifest>& backups, const Record& recorded, const Work& todo, const std::string& url,
                           const Console& console) {
  std::vector<executor::Rehearsal> journal;
  if (recorded) journal = executor::rehearsals(*database_if_named(todo, url, console));  // newest first
  RehearsedBackups last;
  for (const Manifest& one : backups) {
    const auto of_run = std::find_if(journal.begin(), journal.end(), [&](const auto& past) { return past.run == one.run; });
    if (of_run != journal.end()) last[one.folder] = *of_run;
    if (recorded && recorded->knows(one.run)) continue;  // then the journal is what counts
    if (auto stamp = executor::read_stamp(one.folder); stamp && stamp->run == one.run) last[one.folder] = std::move(*stamp);
  }
  return last;
}

ExitCode list(const ListOptions& options, const ConfigOptions& config, const Console& console) {
  const Work todo = backup_work(options.place.env, config, console);
  const Record recorded = record(todo, options.place.url, console);
  const BackupPlace place = backup_place(options.place.store, todo);
  BackupsDocument document;
  std::vector<std::string> folders;
  if (is_unused(place)) {
    document.none = unused(place);
  } else {
    const std::string folder = require_store(place);
    document = {executor::list_backups(folder), "no backups in " + folder, {}};
    document.rehearsed = rehearsed(document.backups, recorded, todo, options.place.url, console);
    folders = executor::backup_folders(folder);
  }
  print(renderer_of<BackupsDocument>(kBackupsFormats, options.format), document, console);
  require_recorded(recorded, folders);
  return ExitCode::done;
}

ExitCode show(const ShowOptions& options, const ConfigOptions& config, const Console& console) {
  const Work todo = backup_work(options.place.env, config, console);
  const Record recorded = record(todo, options.place.url, console);
  const std::vector<std::string> folders = find_backup(options.run, backup_place(options.place.store, todo));
  RunBackups document;
  for (const std::string& folder : folders) document.backups.push_back(executor::read_manifest(folder));
  document.rehearsed = rehearsed(document.backups, recorded, todo, options.place.url, console);
  print(renderer_of<RunBackups>(kRunBackupsFormats, options.format), document, console);
  require_recorded(recorded, folders);
  return ExitCode::done;
}

}  // namespace
}  // namespace backup_list

constinit const Command kBackupList = command<backup_list::list_flags, backup_list::list>("list", "all backups, oldest first");
constinit const Command kBackupShow = command<backup_list::show_flags, backup_list::show>("show", "what one backup holds");

}  // namespace lockstep::cli
