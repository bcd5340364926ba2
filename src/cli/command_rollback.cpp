// Undoes a run by the undo of each of its steps, from the journal: no files are needed.
#include <fmt/format.h>

#include "cli/backup_restore.h"
#include "cli/commands.h"
#include "cli/conversation.h"
#include "cli/plan_view.h"
#include "cli/provenance.h"
#include "cli/report.h"
#include "cli/target.h"
#include "cli/text.h"
#include "executor/sound_journal.h"
#include "fleet/harmed_hold.h"
#include "fleet/known_target.h"
#include "fleet/plan_guard.h"
#include "fleet/undone_run.h"
#include "plan/plan_file.h"
#include "reconciler/way_back.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace command_rollback {
namespace {

struct Options {
  TargetOptions target;
  ShadowOptions shadow;
  BackupOptions backup;
  ConsentOptions consent;
  std::string run, output, confirmed;
  bool dry_run = false;
};

void flags(Flags app, Options& options) {
  app.option("RUN", options.run, "the run, or the beginning of its id (default: the open one, or the last)").type("RUN");
  target_flags(app, options.target);
  app.flag("--dry-run", options.dry_run, "show the plan of the way back, and run nothing");
  app.option("-o,--output", options.output, "save that plan here as JSON: `lockstep apply FILE` runs exactly it").type("FILE");
  yes_flag(app, options.consent.yes, "don't ask before the run (consents to no hazard)");
  confirm_flag(app, options.confirmed);
  allow_flag(app, options.consent.allow, "consent to hazards: KIND[:GLOB],… or all (see `lockstep apply --help`)");
  shadow_flags(app, options.shadow);
  backup_flags(app, options.backup);
}

// A step may ask for rows that only the backup has (a key that is validated over a table that came back empty).
template <class Function>
fleet::Outcome with_hint(const std::string& undone, Function function) {
  try {
    return function();
  } catch (const support::CommandError& error) {
    if (error.code() != support::ExitCode::partial) throw;
    throw support::CommandError(error.code(),
                                fmt::format("{}\nIf it needs rows or values that run {} saved: `lockstep backup restore "
                                            "{}` writes them back now; then run `lockstep rollback` again",
                                            error.what(), undone.substr(0, 8), undone.substr(0, 8)));
  }
}

// A way back that was cut off: the same command goes on with it.
bool resume_open(const Options& options, const Work& todo, const Console& console) {
  const auto open = fleet::unfinished_way_back(*executor::connect(todo.url, todo.settings.application));
  if (!open || options.dry_run || !options.output.empty()) return false;
  if (!options.run.empty() && !plan::from_json(open->plan_json).undoes.starts_with(options.run)) return false;
  const auto conversation = make_conversation(
      console, {.yes = options.consent.yes, .name = name_to_confirm(todo), .confirmed = options.confirmed, .show_plan = false});
  fleet::Job job = todo.job();
  job.consent = plan::Consent::parse(options.consent.allow);
  const fleet::Outcome outcome =
      with_hint(plan::from_json(open->plan_json).undoes, [&] { return fleet::resume(job, *conversation); });
  console.out(fmt::format("run {} is undone: the way back {} is finished\n", outcome.undone.run, outcome.report.run_id));
  restore_undone(outcome, todo, {.store = options.backup.store, .consent = options.consent}, console);
  return true;
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  const plan::Consent consent = plan::Consent::parse(options.consent.allow);
  const Work todo =
      work({.config = config, .target = &options.target, .shadow = &options.shadow, .backup = &options.backup}, console);
  if (resume_open(options, todo, console)) return support::ExitCode::done;
  executor::RunRecord record;
  plan::Plan back;
  {
    const auto session = executor::connect(todo.url, todo.settings.application);
    fleet::require_target_to_change(*session, todo.known);
    record = fleet::run_to_undo(*session, options.run);
    executor::require_trusted_writers(*session, "undo run " + record.id);
    fleet::require_whole_hold(*session, record, todo.known);
    back = reconciler::way_back(*session, record, todo.options, fleet::require_care);
  }
  tell_of_backup(record.id, back, todo, {.store = options.backup.store}, console);
  if (!options.output.empty()) write_private_file(options.output, plan::to_json(back));
  if (options.dry_run) {
    console.out(plan_text(back, plan::hazards_of(back),
                          {.colour = console.colour_out,
                           .statements = console.verbose ? Statements::whole : Statements::shortened,
                           .width = console.width}));
    return support::ExitCode::done;
  }
  fleet::Job job = todo.job();
  job.consent = consent;
  job.saved = back;
  const auto conversation =
      make_conversation(console, {.yes = options.consent.yes,
                                  .name = name_to_confirm(todo),
                                  .confirmed = options.confirmed,
                                  .statements = console.verbose ? Statements::whole : Statements::shortened});
  const fleet::Outcome outcome = with_hint(back.undoes, [&] { return fleet::apply(job, *conversation); });
  for (const std::string& folder : outcome.report.backups) console.out("backup: " + folder + "\n");
  console.out(fmt::format("run {} is undone: {} done, run {}\n", record.id, plural(outcome.report.steps_done, "step"),
                          outcome.report.run_id));
  restore_undone(outcome, todo, {.store = options.backup.store, .consent = options.consent}, console);
  return support::ExitCode::done;
}

}  // namespace
}  // namespace command_rollback

constinit const Command kRollback =
    command<command_rollback::flags, command_rollback::run>("rollback", "undo a run, open or done, from the journal");

}  // namespace lockstep::cli
