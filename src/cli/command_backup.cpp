// Lists, verifies, restores and prunes what runs saved.
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/backup_places.h"
#include "cli/commands.h"
#include "cli/difference_view.h"
#include "cli/status_view.h"
#include "cli/target.h"
#include "cli/text.h"
#include "executor/backup.h"
#include "executor/backup_record.h"
#include "support/error.h"

namespace lockstep::cli {
namespace {

using executor::BackupFile;
using executor::Manifest;
using nlohmann::ordered_json;
using support::CommandError;
using support::ExitCode;

void flags(Flags app, Options& options) {
  const auto place = [&](Flags sub) {
    const Option store = sub.option("--store", options.store, "the backup folder (default: `backup.store`, else ./backups)");
    store.type("DIR");
    return sub;
  };
  const auto env = [&](Flags sub) {
    return sub.option("--env", options.env, "the `backup.store` of this environment of lockstep.yaml").type("NAME");
  };
  // If a database is named, the files are compared with its record.
  const auto compared = [&](Flags sub) {
    const Option named = env(sub);
    sub.option("--url", options.url, "compare with what this database recorded (--env: where its URL is set)")
        .type("URL")
        .excludes(named);
  };
  const char* what = "a run (its id or the first characters of it), or the folder of a backup";
  const Flags list = place(app.action(options, "list", "all backups, oldest first"));
  compared(list);
  format_flag(list, options);
  const Flags show = place(app.action(options, "show", "what one backup holds"));
  show.option("RUN", options.run, what).required().type("RUN|FOLDER");
  compared(show);
  format_flag(show, options);
  const Flags verify = place(app.action(options, "verify", "read every byte again (exit 8: damaged)"));
  verify.option("RUN", options.run, what).type("RUN|FOLDER");
  compared(verify);
  const Flags restore = place(app.action(options, "restore", "bring saved rows back"));
  restore.option("RUN", options.run, what).required().type("RUN|FOLDER");
  restore.option("--object", options.object, "only what was saved of these objects: shop.orders.*").type("GLOB");
  restore.option("--into", options.into, "this table (schema.table) takes the rows as they were saved; made if it isn't there")
      .type("NAME");
  restore.flag("--without-triggers", options.without_triggers,
               "keep the table's own triggers and rules from acting on the rows; refused where that isn't allowed");
  restore.option("--allow", options.allow, "consent to code of others that bringing the rows back runs: foreign-code[:GLOB]")
      .type("KIND[:GLOB]")
      .list(true);
  restore.flag("-y,--yes", options.yes, "don't ask (consents to no hazard)");
  target_flags(restore, options);
  const Flags prune = place(app.action(options, "prune", "remove old backups"));
  prune.option("--keep", options.keep, "remove what is older: 12h, 30d, 8w (default: `backup.keep`)").type("AGE");
  prune.flag("-y,--yes", options.yes, "don't ask");
  env(prune);
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

ExitCode list(const Options& options, const Console& console, const Work& todo, const Record& recorded) {
  const bool none_yet = is_unused(options, todo);
  const std::string folder = none_yet ? std::string() : store(options, todo);
  const std::vector<Manifest> all = none_yet ? std::vector<Manifest>() : executor::list_backups(folder);
  if (options.format == "json") {
    ordered_json document = {{"format", "lockstep-backups/1"}, {"backups", ordered_json::array()}};
    for (const Manifest& one : all) document["backups"].push_back(manifest_json(one));
    console.out(json_text(document));
    require_recorded(recorded, none_yet ? std::vector<std::string>() : executor::backup_folders(folder));
    return ExitCode::done;
  }
  if (none_yet) {
    console.out(unused(options, todo) + "\n");
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

ExitCode show(const Options& options, const Console& console, const Work& todo, const Record& recorded) {
  const std::vector<std::string> folders = find_backup(options.run, options, todo);
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

// The names of the folders that `prune` removed, one a line, in the backup folder.
constexpr const char* kPruned = "pruned.txt";

bool pruned(const std::string& store, const executor::SavedFile& saved) {
  const std::string name = std::filesystem::path(saved.folder).filename().string();
  std::error_code ignored;
  for (const auto& database : std::filesystem::directory_iterator(store, ignored)) {
    std::ifstream lines(database.path() / kPruned);
    for (std::string line; std::getline(lines, line);)
      if (line == name) return true;
  }
  return false;
}

// Recorded files that exist nowhere, by run.
std::map<std::string, std::vector<executor::SavedFile>> missing(const executor::BackupRecord& recorded, const Options& options,
                                                                const Work& todo, const std::vector<std::string>& folders) {
  std::map<std::string, std::vector<executor::SavedFile>> list;
  for (const executor::SavedFile& saved : recorded.missing(folders)) {
    const bool wanted = options.run.empty() || saved.run.starts_with(options.run);
    if (wanted && (!options.run.empty() || is_unused(options, todo) || !pruned(store(options, todo), saved)))
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

ExitCode verify(const Options& options, const Console& console, const Work& todo, const Record& recorded) {
  const bool none_yet = options.run.empty() && is_unused(options, todo);
  std::vector<std::string> folders;
  if (!none_yet)
    folders = options.run.empty() ? executor::backup_folders(store(options, todo)) : find_backup(options.run, options, todo);
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
    for (const auto& [run, files] : missing(*recorded, options, todo, folders)) {
      std::vector<std::string> lines;
      for (const executor::SavedFile& saved : files)
        lines.push_back(fmt::format("{}: {} is missing, recorded in {}", saved.file.file, saved.file.what, saved.folder));
      tell("run " + run, lines);
    }
  if (folders.empty()) console.out(none_yet ? unused(options, todo) + "\n" : "no backups\n");
  if (!recorded)
    console.err("compared with their own manifests only: give --env or --url to compare with what the database recorded\n");
  if (damaged > 0) throw CommandError(ExitCode::mismatch, fmt::format("damaged: {}", damaged));
  return ExitCode::done;
}

// Parses "2026-11-23T10:15:00.123456Z".
std::chrono::system_clock::time_point time_of(const std::string& iso) {
  std::tm time{};
  if (strptime(iso.c_str(), "%Y-%m-%dT%H:%M:%S", &time) == nullptr) return std::chrono::system_clock::now();
  return std::chrono::system_clock::from_time_t(timegm(&time));
}

ExitCode prune(const Options& options, const Console& console, const Work& todo) {
  std::optional<std::chrono::hours> keep;
  if (!options.keep.empty()) {
    keep = fleet::age_of(options.keep);
    if (!keep) throw support::UsageError(fmt::format("--keep {}: an age such as 12h, 30d or 8w is wanted", options.keep));
  } else if (todo.environment != nullptr) {
    keep = todo.environment->keep_backups;
  }
  if (!keep) throw support::UsageError("how old? Give --keep AGE, or --env NAME with `backup: { keep: 30d }`");
  const auto limit = std::chrono::system_clock::now() - *keep;
  if (is_unused(options, todo)) {
    console.out(unused(options, todo) + "\n");
    return ExitCode::done;
  }
  std::vector<std::string> old;
  for (const Manifest& one : executor::list_backups(store(options, todo)))
    if (time_of(one.started) < limit) old.push_back(one.folder);
  if (old.empty()) {
    console.out("nothing to remove\n");
    return ExitCode::done;
  }
  for (const std::string& folder : old) console.err(folder + "\n");
  const std::string question = fmt::format("Remove {} for good?", plural(old.size(), "backup"));
  if (!options.yes && !console.person) throw support::RefusedError(question + " Nobody is at the terminal to answer; give --yes");
  if (!options.yes && !console.ask(question)) throw support::RefusedError("nothing was removed");
  for (const std::string& folder : old) {
    executor::remove_backup(folder);
    const std::filesystem::path gone(folder);
    std::ofstream(gone.parent_path() / kPruned, std::ios::app) << gone.filename().string() << '\n';
    console.out("removed " + folder + "\n");
  }
  return ExitCode::done;
}

ExitCode run(const Options& options, const Console& console) {
  const bool restores = options.action == "restore";
  Work todo = work(options, console, restores ? Need::yes : Need::no, Need::no);
  if (!restores && !options.env.empty()) take_settings(todo, options.env);
  if (restores) return restore_backup(options, console, todo);
  if (options.action == "prune") return prune(options, console, todo);
  const Record recorded = record(todo, options, console);
  if (options.action == "list") return list(options, console, todo, recorded);
  if (options.action == "show") return show(options, console, todo, recorded);
  return verify(options, console, todo, recorded);
}

}  // namespace

constinit const Command kBackup{"backup", "what was saved before each run: list, show, verify, restore, prune", flags, run};

}  // namespace lockstep::cli
