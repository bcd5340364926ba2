// Settles by hand what a run can't determine: whether a step was done, or that the run will never be finished.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/conversation.h"
#include "cli/target.h"
#include "cli/text.h"
#include "executor/executor.h"
#include "executor/sound_journal.h"
#include "fleet/give_up.h"
#include "fleet/known_target.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace command_resolve {
namespace {

struct Options {
  TargetOptions target;
  std::string step, reason, run;
  bool applied = false, undone = false, abandon = false, undo_left_behind = false;
};

void flags(Flags app, Options& options) {
  const Option step = app.option("STEP", options.step, "a step of the open run (see `lockstep history`)").type("STEP");
  const Option applied = app.flag("--applied", options.applied, "the step was done: the run continues after it");
  const Option undone =
      app.flag("--undone", options.undone, "nothing of the step was done: the run does it again").excludes(applied);
  const Option abandon =
      app.flag("--abandon", options.abandon, "give the run up; the next plan starts from the database's present state");
  abandon.excludes(step).excludes(applied).excludes(undone);
  const Option undo =
      app.flag("--undo", options.undo_left_behind,
               "with --abandon: remove what the run left behind (a hidden column gets its name back); alone: what "
               "earlier runs left behind that were given up");
  undo.excludes(step).excludes(applied).excludes(undone);
  app.option("--reason", options.reason, "why the run is given up; journalled").type("TEXT");
  run_flag(app, options.run);
  target_flags(app, options.target);
}

std::string given_up_text(const fleet::GivenUp& result) {
  std::string text;
  if (!result.run.id.empty())
    text = fmt::format("run {} is given up after {} of {} steps; what it did stays, the next plan starts from there\n",
                       result.run.id, result.run.settled, result.run.steps);
  for (const std::string& title : result.undo) text += "done: " + support::visible(title) + "\n";
  if (result.left.empty()) return text;
  text += fmt::format("left behind ({}):\n", plural(result.left.size(), "object"));
  for (const std::string& one : result.left) text += "  " + support::visible(one) + "\n";
  return text +
         "The next plan finishes or undoes what is left, and says so; none of it counts as drift. `lockstep resolve --undo` "
         "takes it "
         "away now (a hidden column gets its name back, with its values)\n";
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  if (options.abandon && options.reason.empty()) throw support::UsageError("--abandon needs a --reason; it is journalled");
  const bool giving_up = options.abandon || options.undo_left_behind;
  if (!giving_up && (options.step.empty() || options.applied == options.undone))
    throw support::UsageError("give a STEP with --applied or --undone, or --abandon --reason TEXT");
  if (!options.abandon && !options.reason.empty()) throw support::UsageError("--reason goes with --abandon");
  const Work todo = work({.config = config, .target = &options.target}, console);
  if (giving_up) {
    const auto conversation = make_conversation(console, {.yes = true, .show_plan = false});
    fleet::Job job = todo.job();
    job.run = options.run;
    console.out(given_up_text(fleet::give_up(job, *conversation, options.reason, options.undo_left_behind)));
    return support::ExitCode::done;
  }
  const auto session = executor::connect(todo.url, todo.settings.application);
  const auto lock = executor::RunLock::acquire(*session);
  fleet::require_target_to_change(*session, todo.known);
  const auto open = executor::open_run(*session, options.run);
  if (!open) throw support::UsageError("no run is open on this database: nothing to resolve");
  executor::require_trusted_writers(*session, "settle a step of run " + open->id);
  executor::resolve_step(*session, *open, options.step, options.applied);
  console.out(fmt::format("step {} of run {} counts as {}; `lockstep {}` goes on\n", options.step, open->id,
                          options.applied ? "applied" : "undone",
                          open->waits() ? fmt::format("apply --phase {}", plan::to_string(open->next)) : "resume"));
  return support::ExitCode::done;
}

}  // namespace
}  // namespace command_resolve

constinit const Command kResolve =
    command<command_resolve::flags, command_resolve::run>("resolve", "settle a step of the open run by hand, or give the run up");

}  // namespace lockstep::cli
