// One command for an environment: check → plan → conditions → approval → hooks and backup → apply (up to the gate) → verify. The
// exit code is that of the stage that stops it, and the message names it.
#include <fmt/format.h>

#include "cli/apply_options.h"
#include "cli/checklist.h"
#include "cli/commands.h"
#include "cli/conversation.h"
#include "cli/plan_view.h"
#include "cli/preflight.h"
#include "cli/stages.h"
#include "cli/text.h"
#include "executor/sound_journal.h"
#include "fleet/status.h"

namespace lockstep::cli {
namespace command_deploy {
namespace {

struct Options {
  ApplyOptions apply;
  bool dry_run = false;
};

void flags(Flags app, Options& options) {
  apply_flags(app, options.apply);
  app.flag("--dry-run", options.dry_run, "end before anything would be changed, and say what would have stopped it");
}

void require_fit(const Work& todo, const Console& console) {
  const Preflight found = preflight(todo);
  for (const fleet::Finding& finding : found.findings)
    if (finding.verdict != fleet::Verdict::good)
      console.err(fmt::format("{}  {}\n", finding.verdict == fleet::Verdict::bad ? "bad " : "warn", finding.text));
  if (!fit(found.findings))
    throw support::CommandError(found.unfit, "the database is not fit for a deployment (see above). Nothing was changed");
}

// At a gate the files can't be compared yet: what the run takes away stands. But nothing else may differ from what was applied
// last, and what the run keeps up to date must be as it left it. A difference that it hasn't made is shown, and doesn't end the
// rollout.
void verify_at_gate(const Work& todo, const Console& console) {
  const auto session = executor::connect(todo.url, todo.settings.application);
  support::Diagnostics diagnostics;
  const fleet::Status found = fleet::status(*session, todo.known, nullptr, todo.options, diagnostics);
  if (!found.broken_journal.empty())
    throw support::CommandError(
        support::ExitCode::mismatch,
        fmt::format(
            "the run waits at its gate, and the journal isn't intact: {}\nNo more was changed. Find out who wrote to schema "
            "lockstep before you go on (`lockstep verify --env {}`).",
            found.broken_journal, todo.name()));
  if (!found.unsound.empty())
    throw support::CommandError(
        support::ExitCode::mismatch,
        fmt::format("the run waits at its gate, and what it needs there is not as it left it:\n  {}\nOld and new versions of "
                    "the application may not see each other's writes. Set that right before you deploy the "
                    "new one, then `lockstep verify --env {}`.",
                    fmt::join(found.unsound, "\n  "), todo.name()));
  if (!found.drift.empty())
    console.err(fmt::format("warn  {} changed by somebody else (`lockstep verify --env {}` lists them)\n",
                            plural(found.drift.size(), "object"), todo.name()));
}

support::ExitCode deploy(const Options& options, Stages& stages, const ConfigOptions& config, const Console& console) {
  if (options.apply.target.env.empty())
    throw support::UsageError("deploy is for an environment, whose rules are in lockstep.yaml: give --env NAME");
  stages.begin("configuration");
  ApplyJob work = apply_job(options.apply, config, console);
  if (options.dry_run) {
    work.job.dry_run = true;
    work.job.hooks = {};
  }
  stages.begin("check");
  require_fit(work.todo, console);
  stages.begin("plan");
  const auto conversation =
      staged(make_conversation(console, {.yes = options.apply.consent.yes,
                                         .name = name_to_confirm(work.todo),
                                         .confirmed = options.apply.confirmed,
                                         .statements = console.verbose ? Statements::whole : Statements::shortened}),
             stages, options.dry_run, [&](const plan::Plan& plan, const std::vector<plan::Hazard>& hazards) {
               const auto session = executor::connect(work.job.url, work.job.settings.application);
               console.out(checklist_text(checklist_of(plan, hazards, work.job, *session)) + "\n");
             });
  const fleet::Outcome outcome = fleet::apply(work.job, *conversation);
  if (outcome.gate) {
    stages.begin("verify");
    verify_at_gate(work.todo, console);
  }
  stages.end();
  return show_outcome(outcome, options.apply, work.todo, console);
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  Stages stages(console);
  try {
    return deploy(options, stages, config, console);
  } catch (const DryRunEnd& end) {
    stages.end();
    console.out(fmt::format("dry run of {}: nothing was changed; {}\n", options.apply.target.env, end.why));
    return support::ExitCode::done;
  } catch (const support::CommandError& error) {
    if (stages.now().empty()) throw;
    throw support::CommandError(error.code(), fmt::format("deploy stopped at stage \"{}\": {}", stages.now(), error.what()));
  }
}

}  // namespace
}  // namespace command_deploy

constinit const Command kDeploy = command<command_deploy::flags, command_deploy::run>(
    "deploy", "everything for one environment: check, plan, conditions, approval, backup, apply, verify");

}  // namespace lockstep::cli
