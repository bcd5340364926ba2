#include "cli/backup_restore.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/backup_places.h"
#include "cli/text.h"
#include "executor/backup.h"
#include "executor/restore.h"
#include "executor/restore_triggers.h"
#include "executor/run_record.h"
#include "executor/saved_files.h"
#include "executor/sound_journal.h"
#include "fleet/consent.h"
#include "fleet/restore_code.h"
#include "plan/hazard.h"
#include "reconciler/way_back.h"
#include "support/error.h"
#include "support/lines.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace {

using executor::BackupFile;
using executor::Manifest;
using support::CommandError;
using support::ExitCode;

struct RestoreCommand {
  TargetOptions target;
  RestoreOptions what;
};

void restore_flags(Flags app, RestoreCommand& all) {
  RestoreOptions& options = all.what;
  store_flag(app, options.store);
  app.option("RUN", options.run, kRunHelp).required().type("RUN|FOLDER");
  app.option("--object", options.object, "only what was saved of these objects: shop.orders.*").type("GLOB");
  app.option("--into", options.into, "this table (schema.table) takes the rows as they were saved; made if it isn't there")
      .type("NAME");
  app.flag("--without-triggers", options.without_triggers,
           "keep the table's own triggers and rules from acting on the rows; refused where that isn't allowed");
  allow_flag(app, options.consent.allow, "consent to code of others that bringing the rows back runs: foreign-code[:GLOB]");
  yes_flag(app, options.consent.yes, "don't ask (consents to no hazard)");
  target_flags(app, all.target);
}

std::string described(const executor::Restoration& one) {
  switch (one.way) {
    case executor::RestoreStrategy::sequence:
      return fmt::format("{}: the sequence's value", one.target);
    case executor::RestoreStrategy::values:
      return fmt::format("{}: {} saved values of {}; {} rows are still there, {} would change{}", one.target, amount(one.saved),
                         one.columns.back(), amount(one.found), amount(one.differing),
                         one.overwritten > 0 ? fmt::format(", of which {} have another value by now that would be overwritten",
                                                           amount(one.overwritten))
                                             : "");
    case executor::RestoreStrategy::rows:
      break;
  }
  return fmt::format("{}: {} saved rows{}", one.target, amount(one.saved),
                     one.creates_target ? " into a new table" : "; rows whose key is taken stay as they are");
}

void warn_of_triggers(const std::vector<std::string>& fired, bool off, const Console& console) {
  if (fired.empty()) return;
  std::string list;
  for (const std::string& one : fired) list += (list.empty() ? "" : ", ") + support::visible(one);
  console.err(off ? fmt::format("kept from acting while the rows are written: {}\n", list)
                  : fmt::format("these act on each row that is written, and may change what was saved: {}\n"
                                "--without-triggers keeps them from it (needs the table's owner; other writers wait meanwhile)\n",
                                list));
}

// Called before a type or table of the database evaluates anything in the files.
void consent_to_foreign_code(postgres::Session& session, const std::vector<Chosen>& files, const RestoreOptions& options,
                             const Console& console) {
  const plan::Consent consent = plan::Consent::parse(options.consent.allow);
  std::vector<fleet::RestoreTarget> targets;
  for (const Chosen& one : files) targets.push_back({options.into.empty() ? one.file.relation : options.into, one.file});
  fleet::require_consent(fleet::foreign_code_of_restore(session, targets, options.without_triggers), consent, "backup restore",
                         [&](const plan::Hazard& hazard) {
                           return console.person &&
                                  console.ask(support::visible(
                                      fmt::format("{} {}: {}. Do you consent?", hazard.kind, hazard.object, hazard.message)));
                         });
}

// All in one transaction; if that fails and each counts by itself, those that can be written.
std::vector<std::int64_t> write(postgres::Session& session, const Manifest& manifest, std::vector<executor::Restoration>& all,
                                const Work& todo, const RestoreOptions& options, std::vector<std::string>& left_out) {
  try {
    return executor::restore(session, manifest, all, todo.settings.by, options.without_triggers);
  } catch (const std::exception&) {
    if (options.what.empty() || all.size() == 1) throw;
  }
  std::vector<std::int64_t> counts;
  std::vector<executor::Restoration> written;
  for (const executor::Restoration& one : all) {
    try {
      counts.push_back(executor::restore(session, manifest, {one}, todo.settings.by, options.without_triggers).front());
      written.push_back(one);
    } catch (const std::exception& error) {
      left_out.push_back(one.file.what + ": " + error.what());
    }
  }
  all = std::move(written);
  return counts;
}

ExitCode restore(const RestoreCommand& options, const ConfigOptions& config, const Console& console) {
  restore_run(options.what, work({.config = config, .target = &options.target}, console), console);
  return ExitCode::done;
}

}  // namespace

std::vector<std::string> restore_run(const RestoreOptions& options, const Work& todo, const Console& console) {
  const std::vector<std::string> folders = find_backup(options.run, backup_place(options.store, todo));
  std::vector<Manifest> manifests;
  for (const std::string& folder : folders) {
    if (const auto problems = executor::verify_backup(folder); !problems.empty())
      throw CommandError(ExitCode::mismatch,
                         fmt::format("backup {} is damaged: {}\nNothing was restored.", folder, problems.front()));
    manifests.push_back(executor::read_manifest(folder));
  }
  const Manifest& manifest = manifests.front();
  const auto session = executor::connect(todo.url, todo.settings.application);
  const auto lock = executor::RunLock::acquire(*session);
  fleet::require_target_to_change(*session, todo.known);
  const Record recorded(std::in_place, *session);
  require_recorded(recorded, folders);
  if (!recorded->knows(manifest.run))
    console.err(fmt::format("this database has no record of run {}: its backup was compared with its own manifest only\n",
                            run_name(manifest.run)));
  const std::vector<Chosen> files = chosen(manifests, &*recorded, options.object, options.what);
  if (files.empty())
    throw support::UsageError(options.object.empty()
                                  ? "this backup holds no rows"
                                  : fmt::format("nothing was saved of \"{}\" (see `lockstep backup show`)", options.object));
  if (!options.into.empty() && files.size() > 1)
    throw support::UsageError(fmt::format("--into takes one object; {} were saved: name one with --object", files.size()));

  consent_to_foreign_code(*session, files, options, console);
  std::vector<executor::Restoration> all;
  std::vector<std::string> left_out;
  for (const Chosen& one : files) {
    try {
      all.push_back(executor::look_at(*session, *one.manifest, one.file, options.into));
    } catch (const CommandError& error) {
      if (options.what.empty() || error.code() != ExitCode::failed) throw;
      left_out.push_back(error.what());
    }
  }
  if (all.empty()) return left_out;
  executor::put_in_order(*session, all);
  for (const executor::Restoration& one : all) console.err(support::visible(described(one)) + "\n");
  warn_of_triggers(executor::fired_by(*session, all), options.without_triggers, console);
  const std::string here = executor::located(*session).database;
  const std::string question =
      fmt::format("Restore this from run {} ({}) into database \"{}\"{}?", run_name(manifest.run), short_time(manifest.started),
                  here, here == manifest.database ? "" : fmt::format(" (it was saved from \"{}\")", manifest.database));
  if (!options.consent.yes && !console.person)
    throw support::RefusedError(question + " Nobody is at the terminal to answer; give --yes. Nothing was restored");
  if (!options.consent.yes && !console.ask(question)) throw support::RefusedError("not restored; nothing was changed");
  const std::vector<std::int64_t> counts = write(*session, manifest, all, todo, options, left_out);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::int64_t stayed = all[i].saved - counts[i];
    const bool in_place = all[i].way == executor::RestoreStrategy::values;
    const std::string_view written = all[i].only_unwritten ? ", were written since," : "";
    console.out(
        fmt::format("{}: {} of {} saved {} came back{}\n", support::visible(in_place ? all[i].file.object : all[i].target),
                    amount(counts[i]), amount(all[i].saved), in_place ? "values" : "rows",
                    stayed == 0 ? ""
                    : in_place  ? fmt::format("; {} are as saved already{} or have no row any more", amount(stayed), written)
                                : fmt::format("; {} are there already (same key)", amount(stayed))));
  }
  return left_out;
}

namespace {

// What its steps took away: rows of what goes, former values of what is converted back.
void show_saved_by(const std::string& back, const Work& todo, const Console& console) {
  if (back.empty()) return;
  std::string text;
  for (const executor::SavedFile& saved : executor::saved_files(*executor::connect(todo.url, todo.settings.application), back))
    if (saved.file.rows > 0)
      text += fmt::format("  {}: {}\n", support::visible(saved.file.object),
                          plural(static_cast<std::size_t>(saved.file.rows), "row"));
  if (text.empty()) return;
  console.out(
      fmt::format("saved by the way back before its steps took it away:\n{}To bring rows back into "
                  "another table:\n  lockstep backup restore {} --object NAME --into SCHEMA.TABLE\n",
                  text, run_name(back)));
}

// Of the plan of a way back, as saved files name it.
std::set<std::string> not_brought_back(const std::vector<std::string>& notes) {
  std::set<std::string> what;
  for (const std::string& note : notes)
    if (note.starts_with(reconciler::kNotBroughtBack)) what.insert(note.substr(reconciler::kNotBroughtBack.size()));
  return what;
}

// From here on the way back is no open run, whatever came of it.
void note_returned(const fleet::Outcome& outcome, const Work& todo) {
  const auto session = executor::connect(todo.url, todo.settings.application);
  const auto lock = executor::RunLock::acquire(*session);
  executor::note_returned(*session, outcome.report.run_id);
}

}  // namespace

void restore_undone(const fleet::Outcome& outcome, const Work& todo, RestoreOptions how, const Console& console) {
  if (outcome.undone.run.empty()) return;
  if (outcome.undone.differs.empty()) {
    console.out("the schema is as it was before that run\n");
  } else {
    console.out(support::visible_lines("not as before that run (a column that comes back stands last):" +
                                       support::listed(outcome.undone.differs)) +
                "\n");
  }
  show_saved_by(outcome.report.run_id, todo, console);
  how.what = not_brought_back(outcome.undone.notes);
  std::string lost;
  for (const std::string& one : how.what) lost += "  " + support::visible(one) + "\n";
  if (lost.empty()) return;
  console.out("not brought back by the steps:\n" + lost);
  const std::string run = run_name(outcome.undone.run);
  const auto saved_by = [&](const std::string& one) {
    std::set<std::string> names;
    for (const auto& saved : executor::saved_files(*executor::connect(todo.url, todo.settings.application), one)) {
      if (how.what.contains(saved.file.what)) names.insert(saved.file.what);
    }
    return names;
  };
  std::vector<std::string> left;
  bool saved = false;
  // What the run had not saved yet when it ended, the way back has.
  for (const std::string& one : {outcome.undone.run, outcome.report.run_id}) {
    const std::set<std::string> names = one.empty() ? std::set<std::string>() : saved_by(one);
    if (names.empty()) continue;
    saved = true;
    how.run = one;
    try {
      for (std::string& part : restore_run(how, todo, console)) left.push_back(std::move(part));
    } catch (const std::exception& error) {
      left.push_back("nothing of what run " + run_name(one) + " saved was restored: " + error.what());
    }
    for (const std::string& name : names) how.what.erase(name);
  }
  note_returned(outcome, todo);
  if (!saved) {
    console.out(fmt::format("run {} saved nothing of it that would be written back\n", run));
    return;
  }
  if (left.empty()) return;
  for (std::string& one : left) one = support::visible(one.substr(0, one.find('\n')));
  throw CommandError(ExitCode::partial, fmt::format("run {0} is undone, but not all that it saved is back:{1}\n"
                                                    "`lockstep backup restore {0}` tries again (`--object`, `--into`)",
                                                    run, support::listed(left)));
}

void tell_of_backup(const std::string& run, const plan::Plan& back, const Work& todo, const RestoreOptions& how,
                    const Console& console) {
  const std::set<std::string> lost = not_brought_back(back.notes);
  if (lost.empty()) return;
  std::string saved;
  for (const auto& one : executor::saved_files(*executor::connect(todo.url, todo.settings.application), run)) {
    if (one.file.rows > 0 && lost.contains(one.file.what))
      saved +=
          fmt::format("  {}: {}\n", support::visible(one.file.object), plural(static_cast<std::size_t>(one.file.rows), "row"));
  }
  if (saved.empty()) return;
  try {
    for (const std::string& folder : find_backup(run, backup_place(how.store, todo))) {
      if (const auto problems = executor::verify_backup(folder); !problems.empty())
        throw CommandError(ExitCode::mismatch, fmt::format("backup {} is damaged: {}", folder, problems.front()));
    }
    console.err("the steps don't bring this back; it is written back from the backup, which was read, once they are done:\n" +
                saved);
  } catch (const std::exception& error) {
    console.err(
        support::visible_lines(
            fmt::format("the steps don't bring this back, and the backup of run {} can't either as it is: {}\n", run_name(run),
                        error.what())) +
        saved +
        fmt::format("Nothing was changed so far. Put the files back, or name their folder with --store; after the way back "
                    "`lockstep backup restore {}` has the same effect.\n",
                    run_name(run)));
  }
}

constinit const Command kBackupRestore = command<restore_flags, restore>("restore", "bring saved rows back");

}  // namespace lockstep::cli
