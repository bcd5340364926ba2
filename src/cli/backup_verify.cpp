// Reads backups again, byte by byte, and compares them with the database's record.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/backup_places.h"
#include "executor/backup.h"

namespace lockstep::cli {
namespace backup_verify {
namespace {

using support::CommandError;
using support::ExitCode;

struct Options {
  PlaceOptions place;
  std::string run;
};

void flags(Flags app, Options& options) {
  store_flag(app, options.place.store);
  app.option("RUN", options.run, kRunHelp).type("RUN|FOLDER");
  compared_flags(app, options.place);
}

// Recorded files that exist nowhere, by run.
std::map<std::string, std::vector<executor::SavedFile>> missing(const executor::BackupRecord& recorded, const std::string& run,
                                                                const BackupPlace& place,
                                                                const std::vector<std::string>& folders) {
  std::map<std::string, std::vector<executor::SavedFile>> list;
  for (const executor::SavedFile& saved : recorded.missing(folders)) {
    const bool wanted = run.empty() || saved.run.starts_with(run);
    if (wanted && (!run.empty() || is_unused(place) || !was_pruned(require_store(place), saved)))
      list[saved.run].push_back(saved);
  }
  return list;
}

std::vector<std::string> problems_of(const std::string& folder, const Record& recorded) {
  std::vector<std::string> problems = executor::verify_backup(folder);
  if (!recorded) return problems;
  const std::string problem = recorded->problem(folder);
  if (!problem.empty() && std::find(problems.begin(), problems.end(), problem) == problems.end()) problems.push_back(problem);
  return problems;
}

ExitCode verify(const Options& options, const ConfigOptions& config, const Console& console) {
  const Work todo = backup_work(options.place.env, config, console);
  const Record recorded = record(todo, options.place.url, console);
  const BackupPlace place = backup_place(options.place.store, todo);
  const bool none_yet = options.run.empty() && is_unused(place);
  std::vector<std::string> folders;
  if (!none_yet) folders = options.run.empty() ? executor::backup_folders(require_store(place)) : find_backup(options.run, place);
  std::size_t damaged = 0;
  const auto tell = [&](const std::string& head, const std::vector<std::string>& problems) {
    console.out(fmt::format(
        "{}  {}\n",
        problems.empty() ? paint(console.colour_out, Style::green, "intact ") : paint(console.colour_out, Style::red, "damaged"),
        head));
    for (const std::string& problem : problems) console.out("         " + problem + "\n");
    damaged += problems.empty() ? 0 : 1;
  };
  if (recorded && !recorded->journal_problem().empty()) tell("the journal of the database", {recorded->journal_problem()});
  for (const std::string& folder : folders) {
    const bool lost_its_manifest = recorded && !recorded->problem(folder).empty();
    if (executor::unfinished_backup(folder) && !lost_its_manifest) {
      console.out(fmt::format("empty    {}: its run was killed before anything was saved\n", folder));
      continue;
    }
    tell(folder, problems_of(folder, recorded));
  }
  if (recorded)
    for (const auto& [run, files] : missing(*recorded, options.run, place, folders)) {
      std::vector<std::string> lines;
      for (const executor::SavedFile& saved : files)
        lines.push_back(fmt::format("{}: {} is missing, recorded in {}", saved.file.file, saved.file.what, saved.folder));
      tell("run " + run, lines);
    }
  if (folders.empty()) console.out(none_yet ? unused(place) + "\n" : "no backups\n");
  if (!recorded)
    console.err("compared with their own manifests only: give --env or --url to compare with what the database recorded\n");
  if (damaged > 0) throw CommandError(ExitCode::mismatch, fmt::format("damaged: {}", damaged));
  return ExitCode::done;
}

}  // namespace
}  // namespace backup_verify

constinit const Command kBackupVerify =
    command<backup_verify::flags, backup_verify::verify>("verify", "read every byte again (exit 8: damaged)");

}  // namespace lockstep::cli
