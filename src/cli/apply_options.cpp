#include "cli/apply_options.h"

#include <fmt/format.h>

#include "cli/backup_restore.h"
#include "cli/gate.h"
#include "cli/selection_flags.h"
#include "cli/text.h"
#include "fleet/hold.h"
#include "plan/phase_name.h"
#include "plan/plan_file.h"
#include "support/source_text.h"

namespace lockstep::cli {
namespace {

std::string hazard_help() {
  std::string text = "consent to hazards: KIND[:GLOB],… or all. Kinds:";
  for (const plan::HazardKind& kind : plan::hazard_kinds()) text += fmt::format(" {}", kind.name);
  return text;
}

// If something is protected, each hazard has to be consented to by its kind.
void refuse_blanket_consent(const std::vector<std::string>& allow, const fleet::Job& job) {
  if (job.protection.empty()) return;
  for (const std::string& item : allow)
    if (item == "all" || item.starts_with("all:"))
      throw support::RefusedError(
          fmt::format("--allow {} is refused for environment {}, which has `protect:`: name the hazards "
                      "(`lockstep plan` lists them). Nothing was changed",
                      item, job.known.environment));
}

}  // namespace

void apply_flags(Flags app, ApplyOptions& options) {
  app.option("PLAN", options.plan_file, "a plan saved by `lockstep plan -o`: exactly it is run").type("FILE");
  target_flags(app, options.target);
  schema_flags(app, options.schema);
  std::vector<std::string> phases;
  for (const plan::Phase phase : {plan::Phase::expand, plan::Phase::migrate, plan::Phase::contract})
    phases.emplace_back(to_string(phase));
  app.option("--phase", options.phase,
             "up to the end of this phase: expand; migrate, which is up to the gate; contract, which passes the gate "
             "(default: migrate with `gates: on`, else contract)")
      .type("PHASE")
      .choices(phases);
  run_flag(app, options.run);
  app.option("--still-used", options.still_used,
             "pass the gate although applications still write through an old name (`quiet:`); the reason is journalled")
      .type("REASON");
  hold_flag(app, options.hold);
  selection_flags(app, options.selection);
  promotion_flags(app, options.promotion);
  yes_flag(app, options.consent.yes, "don't ask before the run (consents to no hazard)");
  confirm_flag(app, options.confirmed);
  allow_flag(app, options.consent.allow, hazard_help());
  backup_flags(app, options.backup);
}

ApplyJob apply_job(const ApplyOptions& options, const ConfigOptions& config, const Console& console) {
  const plan::Consent consent = plan::Consent::parse(options.consent.allow);
  std::optional<plan::Plan> saved;
  support::SourcePtr plan_file;  // read once: the plan that runs is the one whose signatures are compared
  if (!options.plan_file.empty()) {
    plan_file = support::read_source(options.plan_file);
    saved = plan::from_json(plan_file->text());
  }
  Work todo = work({.config = config,
                    .target = &options.target,
                    .schema = &options.schema,
                    .backup = &options.backup,
                    .schema_required = !saved},
                   console);
  fleet::Job job = todo.job();
  job.consent = consent;
  job.saved = std::move(saved);
  if (!options.phase.empty()) job.phase = plan::phase_named(options.phase);
  if (!options.still_used.empty() && job.phase != plan::Phase::contract)
    throw support::UsageError("--still-used is for passing a gate: give --phase contract too");
  job.still_used = options.still_used;
  if (!options.run.empty() && !job.phase)
    throw support::UsageError("--run says which gate to pass: give --phase too. Nothing was changed");
  job.run = options.run;
  // A saved plan was made for one way or the other.
  if (job.phase && *job.phase < plan::Phase::contract && !job.saved) job.options.coexistence = true;
  job.hold_given = options.hold.has_value();
  if (job.hold_given && job.saved) throw support::UsageError("--hold is for a new plan: a saved one says its own");
  take_hold(job.options, options.hold);
  if (options.selection.any() && job.saved)
    throw support::UsageError("--only and --exclude are for a new plan: a saved one holds what it holds. Nothing was changed");
  job.selection = job.saved ? reconciler::selection_of(*job.saved) : options.selection;
  refuse_blanket_consent(options.consent.allow, job);
  take_promotion(job, todo, options.promotion, plan_file, console);
  return {std::move(todo), std::move(job)};
}

support::ExitCode show_outcome(const fleet::Outcome& outcome, const ApplyOptions& options, const Work& todo,
                               const Console& console) {
  if (outcome.gate) {
    if (outcome.pinned) console.err(fmt::format("environment {} is pinned in {}\n", todo.name(), todo.known.lock_path));
    return show_gate(outcome, console);
  }
  if (outcome.nothing_to_do && !outcome.resumed) {
    console.out(outcome.part ? "nothing to do in the chosen part\n" : "nothing to do: live equals desired\n");
    if (outcome.pinned) console.err(fmt::format("environment {} is pinned in {}\n", todo.name(), todo.known.lock_path));
    return support::ExitCode::done;
  }
  for (const std::string& folder : outcome.report.backups) console.out("backup: " + folder + "\n");
  if (outcome.resumed)
    console.out(outcome.passed_gate ? "finished the run that had waited at the gate\n" : "finished the run that had stopped\n");
  if (!outcome.nothing_to_do)
    console.out(fmt::format("{} done, run {}\n", plural(outcome.report.steps_done, "step"), outcome.report.run_id));
  console.out(outcome.verified || outcome.nothing_to_do ? "live equals desired\n"
              : outcome.part ? "every object of the plan is as planned; what was left out is pending (`lockstep verify`)\n"
              : outcome.more_to_do
                  ? "every object of the run is as planned; the files and the database differ in more (`lockstep plan` shows "
                    "it), which this "
                    "command didn't begin\n"
                  : "every object of the plan is as planned (give --schema to compare the whole database with the files)\n");
  if (!outcome.report.held_until.empty()) console.out(fleet::hold_text(outcome.report, todo.known));
  restore_undone(outcome, todo, {.store = options.backup.store, .consent = options.consent}, console);
  if (outcome.pinned) console.err(fmt::format("environment {} is pinned in {}\n", todo.name(), todo.known.lock_path));
  return support::ExitCode::done;
}

}  // namespace lockstep::cli
