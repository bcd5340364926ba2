// What was saved before each run, and how it comes back.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/difference_view.h"
#include "cli/standing_view.h"
#include "cli/target.h"
#include "cli/text.h"
#include "executor/backup.h"
#include "executor/restore.h"
#include "executor/restore_triggers.h"
#include "plan/hazard.h"
#include "support/error.h"

namespace lockstep::cli {
namespace {

using executor::BackupFile;
using executor::Manifest;
using nlohmann::ordered_json;
using support::CommandError;
using support::ExitCode;

void flags(CLI::App& app, Options& options) {
  const auto place = [&](CLI::App* sub) {
    auto* store = sub->add_option("--store", options.store, "the backup folder (default: `backup.store`, else ./backups)");
    store->type_name("DIR");
    return sub;
  };
  const auto env = [&](CLI::App* sub) {
    sub->add_option("--env", options.env, "the `backup.store` of this environment of lockstep.yaml")->type_name("NAME");
  };
  const char* what = "a run (its id or the first characters of it), or the folder of a backup";
  CLI::App* list = place(action(app, options, "list", "all backups, oldest first"));
  env(list);
  format_flag(*list, options);
  CLI::App* show = place(action(app, options, "show", "what one backup holds"));
  show->add_option("RUN", options.run, what)->required()->type_name("RUN|FOLDER");
  env(show);
  format_flag(*show, options);
  CLI::App* verify = place(action(app, options, "verify", "read every byte again (exit 8: damaged)"));
  verify->add_option("RUN", options.run, what)->type_name("RUN|FOLDER");
  env(verify);
  CLI::App* restore = place(action(app, options, "restore", "bring saved rows back"));
  restore->add_option("RUN", options.run, what)->required()->type_name("RUN|FOLDER");
  restore->add_option("--object", options.object, "only what was saved of these objects: shop.orders.*")->type_name("GLOB");
  restore
      ->add_option("--into", options.into, "this table (schema.table) takes the rows as they were saved; made if it isn't there")
      ->type_name("NAME");
  restore->add_flag("--without-triggers", options.without_triggers,
                    "keep the table's own triggers and rules from acting on the rows; refused where that isn't allowed");
  restore->add_flag("-y,--yes", options.yes, "don't ask");
  target_flags(*restore, options);
  CLI::App* prune = place(action(app, options, "prune", "remove old backups"));
  prune->add_option("--keep", options.keep, "remove what is older: 12h, 30d, 8w (default: `backup.keep`)")->type_name("AGE");
  prune->add_flag("-y,--yes", options.yes, "don't ask");
  env(prune);
}

std::string store(const Options& options, const Work& todo) {
  const std::string folder = options.store.empty() ? todo.settings.backup_folder : options.store;
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored))
    throw support::UsageError(
        fmt::format("{}: no such backup folder; give --store DIR, or --env NAME with `backup.store`", folder));
  return folder;
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

Manifest find(const std::string& name, const Options& options, const Work& todo) {
  std::error_code ignored;
  if (std::filesystem::exists(name + "/manifest.json", ignored)) return executor::read_manifest(name);
  const std::string folder = store(options, todo);
  std::vector<std::string> found;
  for (const std::string& one : executor::backup_folders(folder)) {
    const std::string base = std::filesystem::path(one).filename().string();
    const std::size_t dash = base.find('-');  // "20261123T101500Z-1a2b3c4d"
    const std::string run = dash == std::string::npos ? "" : base.substr(dash + 1);
    if (base == name || (!run.empty() && (run.starts_with(name) || name.starts_with(run)))) found.push_back(one);
  }
  if (found.size() > 1)
    throw support::UsageError(fmt::format("\"{}\" names {} backups: give more of it, or a folder", name, found.size()));
  if (found.empty())
    throw support::UsageError(fmt::format("no backup of run \"{}\" in {} (see `lockstep backup list`)", name, folder));
  return executor::read_manifest(found.front());
}

ExitCode list(const Options& options, const Console& console, const Work& todo) {
  const std::string folder = store(options, todo);
  const std::vector<Manifest> all = executor::list_backups(folder);
  if (options.format == "json") {
    ordered_json document = {{"format", "lockstep-backups/1"}, {"backups", ordered_json::array()}};
    for (const Manifest& one : all) document["backups"].push_back(manifest_json(one));
    console.out(json_text(document));
    return ExitCode::done;
  }
  std::string text = fmt::format("{:<10}{:<25}{:<16}{:>8}{:>12}  {}\n", "run", "started", "database", "rows", "size", "folder");
  for (const Manifest& one : all)
    text += fmt::format("{:<10}{:<25}{:<16}{:>8}{:>12}  {}\n", run_name(one.run), short_time(one.started), one.database,
                        amount(rows_of(one)), bytes_text(bytes_of(one)), one.folder);
  console.out(all.empty() ? "no backups in " + folder + "\n" : text);
  return ExitCode::done;
}

ExitCode show(const Options& options, const Console& console, const Work& todo) {
  const Manifest one = find(options.run, options, todo);
  if (options.format == "json") {
    console.out(json_text({{"format", "lockstep-backups/1"}, {"backup", manifest_json(one)}}));
    return ExitCode::done;
  }
  std::string text = fmt::format("run        {}\nstarted    {}\ndatabase   {}\nfolder     {}\nplan       {}\n", one.run,
                                 short_time(one.started), one.database, one.folder, one.plan_digest);
  std::size_t shown = 0;
  for (const BackupFile& file : one.files)
    if (file.contents == "rows") {
      if (shown++ == 0) text += fmt::format("\n{:<6}{:>8}{:>12}  {}\n", "step", "rows", "size", "what");
      text += fmt::format("{:<6}{:>8}{:>12}  {} ({})\n", file.step, amount(file.rows), bytes_text(file.stored_bytes), file.what,
                          file.file);
    }
  console.out(text + (shown == 0 ? "\nno rows: the run lost none; plan.json and catalog.txt are there\n" : ""));
  return ExitCode::done;
}

ExitCode verify(const Options& options, const Console& console, const Work& todo) {
  std::vector<std::string> folders;
  if (options.run.empty()) {
    folders = executor::backup_folders(store(options, todo));
  } else {
    folders.push_back(find(options.run, options, todo).folder);
  }
  std::size_t damaged = 0;
  for (const std::string& folder : folders) {
    if (executor::unfinished_backup(folder)) {
      console.out(fmt::format("empty    {}: its run was killed before anything was saved\n", folder));
      continue;
    }
    const std::vector<std::string> problems = executor::verify_backup(folder);
    console.out(fmt::format(
        "{}  {}\n",
        problems.empty() ? paint(console.colour_out, Style::green, "intact ") : paint(console.colour_out, Style::red, "damaged"),
        folder));
    for (const std::string& problem : problems) console.out("         " + problem + "\n");
    damaged += problems.empty() ? 0 : 1;
  }
  if (folders.empty()) console.out("no backups\n");
  if (damaged > 0)
    throw CommandError(ExitCode::mismatch, fmt::format("damaged: {} of {}", damaged, plural(folders.size(), "backup")));
  return ExitCode::done;
}

std::string described(const executor::Restoration& one) {
  switch (one.way) {
    case executor::RestoreWay::sequence:
      return fmt::format("{}: the sequence's value", one.target);
    case executor::RestoreWay::values:
      return fmt::format("{}: {} saved values of {}; {} rows are still there, {} would change{}", one.target, amount(one.saved),
                         one.columns.back(), amount(one.found), amount(one.differing),
                         one.overwritten > 0 ? fmt::format(", of which {} have another value by now that would be overwritten",
                                                           amount(one.overwritten))
                                             : "");
    case executor::RestoreWay::rows:
      break;
  }
  return fmt::format("{}: {} saved rows{}", one.target, amount(one.saved),
                     one.creates_target ? " into a new table" : "; rows whose key is taken stay as they are");
}

void warn_of_triggers(const std::vector<std::string>& fired, bool off, const Console& console) {
  if (fired.empty()) return;
  std::string list;
  for (const std::string& one : fired) list += (list.empty() ? "" : ", ") + one;
  console.err(off ? fmt::format("kept from acting while the rows are written: {}\n", list)
                  : fmt::format("these act on each row that is written, and may change what was saved: {}\n"
                                "--without-triggers keeps them from it (needs the table's owner; other writers wait meanwhile)\n",
                                list));
}

ExitCode restore(const Options& options, const Console& console, const Work& todo) {
  const Manifest manifest = find(options.run, options, todo);
  if (const auto problems = executor::verify_backup(manifest.folder); !problems.empty())
    throw CommandError(ExitCode::mismatch,
                       fmt::format("backup {} is damaged: {}\nNothing was restored.", manifest.folder, problems.front()));
  std::vector<BackupFile> files;
  for (const BackupFile& file : manifest.files)
    if (file.contents == "rows" && (options.object.empty() || plan::glob_matches(options.object, file.object)))
      files.push_back(file);
  if (files.empty())
    throw support::UsageError(options.object.empty()
                                  ? "this backup holds no rows"
                                  : fmt::format("nothing was saved of \"{}\" (see `lockstep backup show`)", options.object));
  if (!options.into.empty() && files.size() > 1)
    throw support::UsageError(fmt::format("--into takes one object; {} were saved: name one with --object", files.size()));

  const auto session = postgres::connect(todo.url, todo.settings.application);
  const auto lock = executor::RunLock::acquire(*session);
  fleet::require_known_target(*session, todo.known);
  std::vector<executor::Restoration> all;
  for (const BackupFile& file : files) all.push_back(executor::look_at(*session, manifest, file, options.into));
  executor::put_in_order(*session, all);
  for (const executor::Restoration& one : all) console.err(described(one) + "\n");
  warn_of_triggers(executor::fired_by(*session, all), options.without_triggers, console);
  const std::string here = executor::located(*session).database;
  const std::string question =
      fmt::format("Restore this from run {} ({}) into database \"{}\"{}?", run_name(manifest.run), short_time(manifest.started),
                  here, here == manifest.database ? "" : fmt::format(" (it was saved from \"{}\")", manifest.database));
  if (!options.yes && !console.person)
    throw support::RefusedError(question + " Nobody is at the terminal to answer; give --yes. Nothing was restored");
  if (!options.yes && !console.ask(question)) throw support::RefusedError("not restored; nothing was changed");
  const std::vector<std::int64_t> counts = executor::restore(*session, manifest, all, todo.settings.by, options.without_triggers);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::int64_t stayed = all[i].saved - counts[i];
    const bool in_place = all[i].way == executor::RestoreWay::values;
    console.out(fmt::format("{}: {} of {} saved {} came back{}\n", in_place ? all[i].file.object : all[i].target,
                            amount(counts[i]), amount(all[i].saved), in_place ? "values" : "rows",
                            stayed == 0 ? ""
                            : all[i].way == executor::RestoreWay::values
                                ? fmt::format("; {} are as saved already or have no row any more", amount(stayed))
                                : fmt::format("; {} are there already (same key)", amount(stayed))));
  }
  return ExitCode::done;
}

// Of "2026-11-23T10:15:00.123456Z".
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
    console.out("removed " + folder + "\n");
  }
  return ExitCode::done;
}

ExitCode run(const Options& options, const Console& console) {
  const bool restores = options.action == "restore";
  Work todo = work(options, console, restores ? Need::yes : Need::no, Need::no);
  if (!restores && !options.env.empty()) take_settings(todo, options.env);
  if (options.action == "list") return list(options, console, todo);
  if (options.action == "show") return show(options, console, todo);
  if (options.action == "verify") return verify(options, console, todo);
  if (options.action == "prune") return prune(options, console, todo);
  return restore(options, console, todo);
}

}  // namespace

constinit const Command kBackup{"backup", "what was saved before each run: list, show, verify, restore, prune", flags, run};

}  // namespace lockstep::cli
