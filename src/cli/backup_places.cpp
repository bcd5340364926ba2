#include "cli/backup_places.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "plan/hazard.h"
#include "support/error.h"
#include "support/lines.h"

namespace lockstep::cli {

using support::CommandError;
using support::ExitCode;

// The names of the folders that `prune` removed, one a line, in the backup folder.
constexpr const char* kPruned = "pruned.txt";

const char* const kRunHelp = "a run (its id or the first characters of it), or the folder of a backup";

Option env_flag(Flags app, std::string& env) {
  return app.option("--env", env, "the `backup.store` of this environment of lockstep.yaml").type("NAME");
}

void compared_flags(Flags app, PlaceOptions& options) {
  const Option env = env_flag(app, options.env);
  app.option("--url", options.url, "compare with what this database recorded (--env: where its URL is set)")
      .type("URL")
      .excludes(env);
}

BackupPlace backup_place(const std::string& store, const Work& todo) {
  return {store.empty() ? todo.settings.backup_folder : store, todo.name(), !store.empty()};
}

std::string require_store(const BackupPlace& place) {
  std::error_code ignored;
  if (std::filesystem::is_directory(place.folder, ignored)) return place.folder;
  if (is_unused(place)) throw support::UsageError(unused(place));
  throw support::UsageError(
      fmt::format("{}: no such backup folder; give --store DIR, or --env NAME with `backup.store`", place.folder));
}

bool is_unused(const BackupPlace& place) {
  std::error_code ignored;
  return !place.given && !place.environment.empty() && !std::filesystem::exists(place.folder, ignored);
}

std::string unused(const BackupPlace& place) {
  return fmt::format("no backups yet: environment \"{}\" saves in {}, which its first run makes", place.environment,
                     place.folder);
}

std::vector<std::string> find_backup(const std::string& name, const BackupPlace& place) {
  std::error_code ignored;
  if (std::filesystem::exists(name + "/manifest.json", ignored)) return {name};
  const std::string folder = require_store(place);
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

bool was_pruned(const std::string& store, const executor::SavedFile& saved) {
  const std::string name = std::filesystem::path(saved.folder).filename().string();
  std::error_code ignored;
  for (const auto& database : std::filesystem::directory_iterator(store, ignored)) {
    if (!std::filesystem::is_regular_file(database.path() / kPruned, ignored)) continue;
    std::ifstream lines(database.path() / kPruned);
    for (std::string line; std::getline(lines, line);)
      if (line == name) return true;
  }
  return false;
}

void record_pruned(const std::string& folder) {
  const std::filesystem::path gone(folder);
  std::ofstream(gone.parent_path() / kPruned, std::ios::app) << gone.filename().string() << '\n';
}

std::vector<Chosen> chosen(const std::vector<executor::Manifest>& manifests, const executor::BackupRecord* recorded,
                           const std::string& glob, const std::set<std::string>& what) {
  std::vector<Chosen> list;
  for (const executor::Manifest& manifest : manifests) {
    for (const executor::BackupFile& file : manifest.files) {
      if (file.contents != "rows" || (!glob.empty() && !plan::glob_matches(glob, file.object))) continue;
      if (!what.empty() && !what.contains(file.what)) continue;
      if (recorded != nullptr && recorded->knows(manifest.run) && !recorded->recorded(manifest.run, file)) continue;
      const auto same = std::find_if(list.begin(), list.end(), [&](const Chosen& other) {
        return other.file.step == file.step && other.file.object == file.object && other.file.what == file.what;
      });
      if (same == list.end()) {
        list.push_back({&manifest, file});
      } else if (executor::attempt_of(file.file) > executor::attempt_of(same->file.file)) {
        *same = {&manifest, file};
      }
    }
  }
  return list;
}

Work backup_work(const std::string& env, const ConfigOptions& config, const Console& console) {
  Work todo = work({.config = config}, console);
  if (!env.empty()) take_settings(todo, env);
  return todo;
}

Record record(const Work& todo, const std::string& url, const Console& console) {
  const auto session = database_if_named(todo, url, console);
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
