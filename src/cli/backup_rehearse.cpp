// Restores a run's backup on a scratch database, compares it with what was saved, and stamps that.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "cli/backup_document.h"
#include "cli/backup_places.h"
#include "cli/report.h"
#include "cli/text.h"
#include "executor/backup.h"
#include "executor/rehearsal.h"
#include "executor/run_lock.h"
#include "fleet/rehearse.h"
#include "support/lines.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace backup_rehearse {
namespace {

using executor::Manifest;
using executor::Rehearsal;
using support::CommandError;
using support::ExitCode;

struct Options {
  PlaceOptions place;
  ShadowOptions shadow;
  std::string run;
};

void flags(Flags app, Options& options) {
  store_flag(app, options.place.store);
  app.option("RUN", options.run, "a run (its id or the first characters of it), or the folder of a backup (default: the newest)")
      .type("RUN|FOLDER");
  compared_flags(app, options.place);
  shadow_flags(app, options.shadow);
}

// "1a2b3c4d" from "20261123T101500Z-1a2b3c4d".
std::string run_of(const std::string& folder) {
  const std::string name = std::filesystem::path(folder).filename().string();
  const std::size_t dash = name.find('-');
  return dash == std::string::npos ? name : name.substr(dash + 1);
}

bool has_rows(const std::string& folder) {
  if (executor::unfinished_backup(folder)) return false;
  try {
    const Manifest manifest = executor::read_manifest(folder);
    return std::any_of(manifest.files.begin(), manifest.files.end(),
                       [](const executor::BackupFile& file) { return file.contents == "rows"; });
  } catch (const CommandError&) {
    return true;  // damaged: that is for the rehearsal to say
  }
}

// The newest run that has saved rows; empty: none has. What the database recorded counts, if one is named: a folder that is gone
// must not let an older one take its place.
std::string newest(const Record& recorded, const BackupPlace& place) {
  std::string run;
  if (recorded) {
    for (const executor::SavedFile& saved : recorded->files())
      if (!was_pruned(place.folder, saved)) run = saved.run;
    return run;
  }
  if (is_unused(place)) return run;
  std::vector<std::string> folders = executor::backup_folders(require_store(place));
  std::erase_if(folders, [](const std::string& folder) { return !has_rows(folder); });
  const auto name = [](const std::string& folder) { return std::filesystem::path(folder).filename().string(); };
  const auto last = std::max_element(folders.begin(), folders.end(),
                                     [&](const std::string& a, const std::string& b) { return name(a) < name(b); });
  return last == folders.end() ? "" : name(*last);
}

// The folders of the run, its files that the database recorded and that are nowhere, and its id.
struct Found {
  std::string run;
  std::vector<std::string> folders, problems;
};

Found find(const std::string& name, const Record& recorded, const BackupPlace& place) {
  Found found;
  const auto is_meant = [&](const executor::SavedFile& saved) {
    return saved.run.starts_with(name) || (!found.folders.empty() && saved.run.starts_with(run_of(found.folders.front())));
  };
  const bool known = recorded && std::any_of(recorded->files().begin(), recorded->files().end(), is_meant);
  try {
    found.folders = find_backup(name, place);
  } catch (const support::UsageError&) {
    if (!known) throw;
  }
  if (recorded) {
    for (const executor::SavedFile& saved : recorded->files())
      if (is_meant(saved)) found.run = saved.run;
    for (const executor::SavedFile& saved : recorded->missing(found.folders))
      if (is_meant(saved)) found.problems.push_back(fmt::format("{}: {} is missing", saved.file.file, saved.file.what));
  }
  if (found.run.empty()) found.run = run_of(found.folders.front());
  return found;
}

// Reads every byte and compares with the record, before anything is restored.
std::vector<Manifest> verified(Found& found, const Record& recorded) {
  std::vector<Manifest> manifests;
  for (const std::string& folder : found.folders) {
    std::vector<std::string> problems = executor::verify_backup(folder);
    if (recorded)
      if (const std::string problem = recorded->problem(folder);
          !problem.empty() && std::find(problems.begin(), problems.end(), problem) == problems.end())
        problems.push_back(problem);
    if (problems.empty()) {
      manifests.push_back(executor::read_manifest(folder));
      if (!recorded || recorded->knows(manifests.back().run)) found.run = manifests.back().run;
    }
    found.problems.insert(found.problems.end(), problems.begin(), problems.end());
  }
  return manifests;
}

void tell(const fleet::Rehearsed& one, const Console& console) {
  const bool well = one.differs.empty() && one.missing.empty();
  std::string text = fmt::format("{}  {}: {}",
                                 paint(console.colour_out, well ? Style::green : Style::red,
                                       well                  ? "as saved"
                                       : one.differs.empty() ? "not here"
                                                             : "differs "),
                                 support::visible(one.file.what), plural(static_cast<std::size_t>(one.file.rows), "row"));
  if (!well) text += "; " + support::visible(one.differs.empty() ? one.missing : one.differs);
  if (!one.said.empty()) text += ": " + support::visible(one.said);
  console.out(text + "\n");
}

void perform(const std::vector<Manifest>& manifests, const Record& recorded, const elaborator::Options& options,
             const Console& console, Rehearsal& rehearsal) {
  std::vector<fleet::ToRehearse> files;
  for (const Chosen& one : chosen(manifests, recorded ? &*recorded : nullptr, "", {})) files.push_back({one.manifest, one.file});
  bool incomplete = false;
  const auto results = fleet::rehearse(files, options, [&](const fleet::Rehearsed& one) { tell(one, console); });
  for (const fleet::Rehearsed& one : results) {
    ++rehearsal.files;
    rehearsal.rows += one.file.rows;
    rehearsal.bytes += one.file.stored_bytes;
    incomplete = incomplete || !one.missing.empty();
    if (!one.differs.empty()) rehearsal.result = "failed";
    if (!one.differs.empty() || !one.missing.empty())
      rehearsal.problems.push_back(one.file.what + ": " + (one.differs.empty() ? one.missing : one.differs));
  }
  if (incomplete && rehearsal.passed()) rehearsal.result = "incomplete";
}

// The folder is written to only where what is there is a stamp, or nothing.
void stamp_beside(const std::vector<std::string>& folders, const Rehearsal& rehearsal, const Console& console) {
  for (const std::string& folder : folders) {
    const std::string path = folder + "/" + executor::kStampName;
    std::error_code failed;
    const auto there = std::filesystem::symlink_status(path, failed);
    if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there)) {
      show_warning(path + " is no plain file, and was left as it is: the rehearsal is not stamped there", console);
      continue;
    }
    try {
      write_private_file(path, to_text(rehearsal));
    } catch (const support::UsageError& error) {
      show_warning(fmt::format("the rehearsal is not stamped beside the backup: {}", error.what()), console);
    }
  }
}

// Appends to the journal, under the run lock, which is taken only now: a rehearsal keeps no run from beginning.
void stamp_journal(postgres::Session& session, const Rehearsal& rehearsal) {
  try {
    const auto lock = executor::RunLock::acquire(session);
    executor::note_rehearsed(session, rehearsal);
  } catch (const CommandError& error) {
    throw CommandError(error.code(), fmt::format("the backup was rehearsed ({}), and the journal doesn't say so: {}",
                                                 rehearsal.result, error.what()));
  } catch (const support::DatabaseError& error) {
    throw CommandError(ExitCode::failed, fmt::format("the backup was rehearsed ({}), and the journal doesn't say so: {}",
                                                     rehearsal.result, error.facts().message));
  }
}

void stamp(const Found& found, const Rehearsal& rehearsal, const Record& recorded, const Work& todo, const std::string& url,
           const Console& console) {
  stamp_beside(found.folders, rehearsal, console);
  if (!recorded) {
    console.err(
        "stamped beside the backup only: give --env or --url to compare with what the database recorded, and to have it in "
        "its journal\n");
  } else if (!recorded->journal_problem().empty()) {
    console.err("not stamped in the journal, which isn't intact: " + support::visible(recorded->journal_problem()) + "\n");
  } else if (!recorded->knows(rehearsal.run)) {
    console.err(
        fmt::format("this database has no record of run {}: it was compared with its own manifest only, and its rehearsal is "
                    "not in the journal\n",
                    support::visible(run_name(rehearsal.run))));
  } else {
    const auto session = database_if_named(todo, url, console);
    fleet::require_known_target(*session, todo.known);
    stamp_journal(*session, rehearsal);
  }
}

elaborator::Options scratch_options(const Options& options, const Work& todo, const Console& console) {
  elaborator::Options how = todo.options;
  support::Diagnostics unset;
  std::string url = options.place.url;
  if (url.empty() && todo.environment != nullptr) url = fleet::expand(todo.environment->url, console.environment, unset);
  if (unset.has_errors()) url.clear();
  support::Diagnostics diagnostics;
  how.shadow = shadow_of(options.shadow, todo.configuration.get(), url, console, diagnostics);
  settle(diagnostics, console);
  return how;
}

ExitCode rehearse(const Options& options, const ConfigOptions& config, const Console& console) {
  const Work todo = backup_work(options.place.env, config, console);
  const elaborator::Options how = scratch_options(options, todo, console);
  const Record recorded = record(todo, options.place.url, console);
  const BackupPlace place = backup_place(options.place.store, todo);
  const std::string name = options.run.empty() ? newest(recorded, place) : options.run;
  if (name.empty()) {
    console.out("no run has saved rows: there is nothing to rehearse\n");
    return ExitCode::done;
  }
  Found found = find(name, recorded, place);
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<Manifest> manifests = verified(found, recorded);
  Rehearsal rehearsal;
  rehearsal.run = found.run;
  rehearsal.by = user_at_host();
  rehearsal.result = found.problems.empty() ? "passed" : "failed";
  rehearsal.problems = found.problems;
  if (found.problems.empty()) perform(manifests, recorded, how, console, rehearsal);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  rehearsal.at = iso_time(std::chrono::system_clock::now());
  rehearsal.milliseconds = took.count();
  console.out(support::visible(fmt::format("{}: backup of run {}, {} in {}, {} as stored, in {}", rehearsal.result,
                                           run_name(rehearsal.run), plural(static_cast<std::size_t>(rehearsal.rows), "row"),
                                           plural(static_cast<std::size_t>(rehearsal.files), "file"), bytes_text(rehearsal.bytes),
                                           duration_text(took))) +
              "\n");
  stamp(found, rehearsal, recorded, todo, options.place.url, console);
  if (rehearsal.passed()) return ExitCode::done;
  const bool failed = rehearsal.result == "failed";
  throw CommandError(failed ? ExitCode::mismatch : ExitCode::failed,
                     support::visible_lines(fmt::format(
                         "the backup of run {} {}:{}", run_name(rehearsal.run),
                         failed ? "is damaged, or came back otherwise than it was saved"
                                : "could not be restored whole on scratch (`--shadow` names a server that has what is missing)",
                         support::listed(rehearsal.problems))));
}

}  // namespace
}  // namespace backup_rehearse

constinit const Command kBackupRehearse = command<backup_rehearse::flags, backup_rehearse::rehearse>(
    "rehearse", "restore a backup on scratch and compare (exit 8: not as saved)");

}  // namespace lockstep::cli
