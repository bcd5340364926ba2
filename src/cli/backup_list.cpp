// Lists the backups, and shows what one holds.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/backup_places.h"
#include "cli/difference_view.h"
#include "cli/status_view.h"
#include "cli/text.h"
#include "executor/backup.h"

namespace lockstep::cli {
namespace {

using executor::BackupFile;
using executor::Manifest;
using nlohmann::ordered_json;
using support::ExitCode;

struct ListOptions {
  PlaceOptions place;
  std::string format;
};

void list_flags(Flags app, ListOptions& options) {
  store_flag(app, options.place.store);
  compared_flags(app, options.place);
  format_flag(app, options.format);
}

struct ShowOptions {
  PlaceOptions place;
  std::string run, format;
};

void show_flags(Flags app, ShowOptions& options) {
  store_flag(app, options.place.store);
  app.option("RUN", options.run, kRunHelp).required().type("RUN|FOLDER");
  compared_flags(app, options.place);
  format_flag(app, options.format);
}

std::int64_t rows_of(const Manifest& manifest) {
  std::int64_t rows = 0;
  for (const BackupFile& file : manifest.files) rows += file.rows;
  return rows;
}
std::int64_t bytes_of(const Manifest& manifest) {
  std::int64_t bytes = 0;
  for (const BackupFile& file : manifest.files) bytes += file.stored_bytes;
  return bytes;
}

ordered_json manifest_json(const Manifest& manifest) {
  ordered_json files = ordered_json::array();
  for (const BackupFile& file : manifest.files) {
    if (file.contents != "rows") continue;
    files.push_back({{"file", file.file},
                     {"step", file.step},
                     {"object", file.object},
                     {"what", file.what},
                     {"rows", file.rows},
                     {"raw_bytes", file.raw_bytes},
                     {"stored_bytes", file.stored_bytes}});
  }
  return {{"run", manifest.run},
          {"started", manifest.started},
          {"database", manifest.database},
          {"folder", manifest.folder},
          {"rows", rows_of(manifest)},
          {"stored_bytes", bytes_of(manifest)},
          {"plan_digest", manifest.plan_digest},
          {"files", std::move(files)}};
}

ExitCode list(const ListOptions& options, const ConfigOptions& config, const Console& console) {
  const Work todo = backup_work(options.place, config, console);
  const Record recorded = record(todo, options.place.url, console);
  const BackupPlace place = backup_place(options.place.store, todo);
  const bool none_yet = is_unused(place);
  const std::string folder = none_yet ? std::string() : require_store(place);
  const std::vector<Manifest> all = none_yet ? std::vector<Manifest>() : executor::list_backups(folder);
  if (options.format == "json") {
    ordered_json document = {{"format", "lockstep-backups/1"}, {"backups", ordered_json::array()}};
    for (const Manifest& one : all) document["backups"].push_back(manifest_json(one));
    console.out(json_text(document));
    require_recorded(recorded, none_yet ? std::vector<std::string>() : executor::backup_folders(folder));
    return ExitCode::done;
  }
  if (none_yet) {
    console.out(unused(place) + "\n");
    require_recorded(recorded, {});
    return ExitCode::done;
  }
  std::string text = fmt::format("{:<10}{:<25}{:<16}{:>8}{:>12}  {}\n", "run", "started", "database", "rows", "size", "folder");
  for (const Manifest& one : all)
    text += fmt::format("{:<10}{:<25}{:<16}{:>8}{:>12}  {}\n", run_name(one.run), short_time(one.started), one.database,
                        amount(rows_of(one)), bytes_text(bytes_of(one)), one.folder);
  console.out(all.empty() ? "no backups in " + folder + "\n" : text);
  require_recorded(recorded, executor::backup_folders(folder));
  return ExitCode::done;
}

std::string shown_text(const Manifest& one) {
  std::string text = fmt::format("run        {}\nstarted    {}\ndatabase   {}\nfolder     {}\nplan       {}\n", one.run,
                                 short_time(one.started), one.database, one.folder, one.plan_digest);
  std::size_t shown = 0;
  for (const BackupFile& file : one.files)
    if (file.contents == "rows") {
      if (shown++ == 0) text += fmt::format("\n{:<6}{:>8}{:>12}  {}\n", "step", "rows", "size", "what");
      text += fmt::format("{:<6}{:>8}{:>12}  {} ({})\n", file.step, amount(file.rows), bytes_text(file.stored_bytes), file.what,
                          file.file);
    }
  return text + (shown == 0 ? "\nno rows: the run lost none; plan.json and catalog.txt are there\n" : "");
}

ExitCode show(const ShowOptions& options, const ConfigOptions& config, const Console& console) {
  const Work todo = backup_work(options.place, config, console);
  const Record recorded = record(todo, options.place.url, console);
  const std::vector<std::string> folders = find_backup(options.run, backup_place(options.place.store, todo));
  std::string text;
  for (const std::string& folder : folders) {
    const Manifest one = executor::read_manifest(folder);
    if (options.format == "json") {
      console.out(json_text({{"format", "lockstep-backups/1"}, {"backup", manifest_json(one)}}));
    } else {
      text += (text.empty() ? "" : "\n") + shown_text(one);
    }
  }
  console.out(text);
  require_recorded(recorded, folders);
  return ExitCode::done;
}

}  // namespace

constinit const Command kBackupList = command<ListOptions, list_flags, list>("list", "all backups, oldest first");
constinit const Command kBackupShow = command<ShowOptions, show_flags, show>("show", "what one backup holds");

}  // namespace lockstep::cli
