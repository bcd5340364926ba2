// Settles by hand what a run can't tell by itself: whether a step was done, or that the run will never be finished.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/target.h"
#include "executor/executor.h"
#include "fleet/known_target.h"

namespace lockstep::cli {
namespace {

void flags(CLI::App& app, Options& options) {
  auto* step = app.add_option("STEP", options.step, "a step of the open run (see `lockstep history`)")->type_name("STEP");
  auto* applied = app.add_flag("--applied", options.applied, "the step's work is there: the run goes on after it");
  auto* undone =
      app.add_flag("--undone", options.undone, "nothing of the step is there: the run does it again")->excludes(applied);
  auto* abandon =
      app.add_flag("--abandon", options.abandon, "give the run up as it stands; the next plan starts from what is there");
  abandon->excludes(step)->excludes(applied)->excludes(undone);
  app.add_option("--reason", options.reason, "why the run is given up; journalled")->type_name("TEXT");
  target_flags(app, options);
}

support::ExitCode run(const Options& options, const Console& console) {
  if (options.abandon && options.reason.empty()) throw support::UsageError("--abandon needs a --reason; it is journalled");
  if (!options.abandon && (options.step.empty() || options.applied == options.undone))
    throw support::UsageError("give a STEP with --applied or --undone, or --abandon --reason TEXT");
  if (!options.abandon && !options.reason.empty()) throw support::UsageError("--reason goes with --abandon");
  const Work todo = work(options, console, Need::yes, Need::no);
  const auto session = postgres::connect(todo.url, todo.settings.application);
  const auto lock = executor::RunLock::acquire(*session);
  fleet::require_known_target(*session, todo.known);
  const auto open = executor::open_run(*session);
  if (!open) throw support::UsageError("no run is open on this database: nothing to resolve");
  if (options.abandon) {
    executor::abandon_run(*session, *open, options.reason);
    console.out(fmt::format("run {} is given up after {} of {} steps; what it did stays, the next plan starts from there\n",
                            open->id, open->settled, open->steps));
  } else {
    executor::resolve_step(*session, *open, options.step, options.applied);
    console.out(fmt::format("step {} of run {} counts as {}; `lockstep resume` goes on\n", options.step, open->id,
                            options.applied ? "applied" : "undone"));
  }
  return support::ExitCode::done;
}

}  // namespace

constinit const Command kResolve{"resolve", "settle a step of the open run by hand, or give the run up", flags, run};

}  // namespace lockstep::cli
