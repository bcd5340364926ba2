#include "cli/backup_places.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "support/error.h"
#include "support/lines.h"

namespace lockstep::cli {

using support::CommandError;
using support::ExitCode;

namespace {

std::string folder_of(const Options& options, const Work& todo) {
  return options.store.empty() ? todo.settings.backup_folder : options.store;
}

}  // namespace

std::string store(const Options& options, const Work& todo) {
  const std::string folder = folder_of(options, todo);
  std::error_code ignored;
  if (std::filesystem::is_directory(folder, ignored)) return folder;
  if (is_unused(options, todo)) throw support::UsageError(unused(options, todo));
  throw support::UsageError(
      fmt::format("{}: no such backup folder; give --store DIR, or --env NAME with `backup.store`", folder));
}

bool is_unused(const Options& options, const Work& todo) {
  std::error_code ignored;
  return options.store.empty() && !options.env.empty() && !std::filesystem::exists(folder_of(options, todo), ignored);
}

std::string unused(const Options& options, const Work& todo) {
  return fmt::format("no backups yet: environment \"{}\" saves in {}, which its first run makes", options.env,
                     folder_of(options, todo));
}

std::vector<std::string> find_backup(const std::string& name, const Options& options, const Work& todo) {
  std::error_code ignored;
  if (std::filesystem::exists(name + "/manifest.json", ignored)) return {name};
  const std::string folder = store(options, todo);
  std::vector<std::string> found;
  std::set<std::string> runs;
  for (const std::string& one : executor::backup_folders(folder)) {
    const std::string base = std::filesystem::path(one).filename().string();
    const std::size_t dash = base.find('-');  // "20261123T101500Z-1a2b3c4d"
    const std::string run = dash == std::string::npos ? "" : base.substr(dash + 1);
    if (base != name && (run.empty() || !(run.starts_with(name) || name.starts_with(run)))) continue;
    found.push_back(one);
    runs.insert(run);
  }
  if (runs.size() > 1)
    throw support::UsageError(fmt::format("\"{}\" names {} backups: give more of it, or a folder", name, runs.size()));
  if (found.empty())
    throw support::UsageError(fmt::format("no backup of run \"{}\" in {} (see `lockstep backup list`)", name, folder));
  return found;
}

Record record(Work& todo, const Options& options, const Console& console) {
  const auto session = database_if_named(todo, options, console);
  if (!session) return std::nullopt;
  fleet::require_known_target(*session, todo.known);
  return executor::BackupRecord(*session);
}

void require_recorded(const Record& record, const std::vector<std::string>& folders) {
  if (!record) return;
  std::vector<std::string> problems;
  if (!record->journal_problem().empty()) problems.push_back(record->journal_problem());
  for (const std::string& folder : folders)
    if (std::string problem = record->problem(folder); !problem.empty()) problems.push_back(folder + ": " + problem);
  if (problems.empty()) return;
  const std::string text = "the backups are not what the database recorded:" + support::listed(problems);
  throw CommandError(ExitCode::mismatch, text);
}

}  // namespace lockstep::cli
