// Shows what apply would do. It reads the database and writes at most the plan file.
#include <fmt/format.h>

#include <future>
#include <optional>

#include "cli/commands.h"
#include "cli/plan_between.h"
#include "cli/plan_document.h"
#include "cli/provenance.h"
#include "cli/report.h"
#include "cli/selection_flags.h"
#include "cli/target.h"
#include "cli/text.h"
#include "executor/sound_journal.h"
#include "executor/transitional.h"
#include "fleet/beside_others.h"
#include "fleet/hold.h"
#include "plan/hazard.h"
#include "plan/plan_file.h"
#include "reconciler/comparison.h"
#include "reconciler/memory.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace command_plan {
namespace {

struct Options {
  TargetOptions target;
  SchemaOptions schema;
  std::string format, output;
  std::optional<std::string> hold;
  reconciler::Selection selection;
  BetweenOptions states;
  bool detailed_exitcode = false, no_prove = false;
};

void flags(Flags app, Options& options) {
  target_flags(app, options.target);
  schema_flags(app, options.schema);
  format_flag<PlanDocument>(app, options.format, kPlanFormats);
  app.option("-o,--output", options.output, "save the plan here as JSON: `lockstep apply FILE` runs exactly it").type("FILE");
  app.flag("--detailed-exitcode", options.detailed_exitcode, "exit 2 when there are changes, 0 when there are none");
  hold_flag(app, options.hold);
  selection_flags(app, options.selection);
  between_flags(app, options.states);
  app.flag("--no-prove", options.no_prove, "don't try the plan on a scratch copy first");
}

std::string open_run_text(postgres::Session& session) {
  auto run = executor::open_run(session);
  const bool done = !run;
  if (done) run = executor::unrecorded_run(session);
  if (!run) return {};
  if (run->waits())
    return fmt::format(
        "Run {} by {}, started {}, waits at the gate before phase {} since {}, after {} of {} steps. The plan below leaves out "
        "what that run will do, if the files want the same of the objects that it changes; else `lockstep apply` runs the plan "
        "only after it: `lockstep apply --phase contract` goes on with it, `lockstep rollback` takes it back, `lockstep resolve "
        "--abandon` gives it up.",
        run->id, run->who(), short_time(run->started), plan::to_string(run->next), short_time(run->waits_since), run->settled,
        run->steps);
  return fmt::format(
      "Run {} by {}, started {}, {} after {} of {} steps. The plan below starts from the database's present state; `lockstep "
      "apply` or `lockstep resume` continues that run first, `lockstep resolve --abandon` gives it up.",
      run->id, run->by, short_time(run->started), done ? "was killed before it recorded its end," : "is open", run->settled,
      run->steps);
}

// The document of one format, shown part by part.
class Shown {
 public:
  Shown(const Options& options, const Work& todo, const Console& console)
      : options_(options), todo_(todo), console_(console), renderer_(renderer_of<PlanDocument>(kPlanFormats, options.format)) {}

  void open_run(const std::string& sentence) {
    document_.open_run = sentence;
    if (renderer_.early == nullptr && !sentence.empty()) console_.err(sentence + "\n");
    print_early(renderer_, document_, console_);
  }

  // Throws RefusedError after it has shown a plan that `protect` or a held run forbids, since apply would refuse it: it isn't
  // saved either.
  support::ExitCode finish(postgres::Session& session, const reconciler::Comparison& found) {
    document_.plan = found.plan;
    document_.hazards = plan::hazards_of(document_.plan);
    if (&renderer_ == &kPlanMarkdown || &renderer_ == &kPlanHtml) {
      fleet::Job job = todo_.job();
      take_promotion(job, todo_, {}, nullptr, console_);
      document_.checklist = checklist_of(document_.plan, document_.hazards, job, session);
    }
    print(renderer_, document_, console_);
    show_unmanaged(found.unmanaged, console_);
    fleet::require_unheld(session, document_.plan, todo_.known);
    if (!found.disagreements.empty()) {
      std::string lines;
      for (const auto& one : found.disagreements)
        lines += fmt::format("\n  run {}: {}", one.run.substr(0, 8), support::visible(one.what));
      throw support::RefusedError(
          "a run waits at the gate, and these files want something else of the objects that it changes (+ adds, - drops, ~ "
          "changes, "
          "> renames):" +
          lines +
          "\nNothing was changed. `lockstep apply` is refused too until that run is finished, taken back or given up (`lockstep "
          "status` says how), or until the files contain its change and no more of these objects.");
    }
    fleet::require_beside(session, document_.plan, todo_.known);
    fleet::refuse_harm(todo_.job().protection, document_.plan, document_.hazards, todo_.known.environment);
    fleet::refuse_protected(found.harm);
    fleet::refuse_unlifted(session, document_.plan);
    if (!options_.output.empty()) write_private_file(options_.output, plan::to_json(document_.plan));
    return options_.detailed_exitcode && !document_.plan.empty() ? support::ExitCode::changes : support::ExitCode::done;
  }

 private:
  const Options& options_;
  const Work& todo_;
  const Console& console_;
  const Renderer<PlanDocument>& renderer_;
  PlanDocument document_;
};

// Nothing that only a plan for a database can do is ignored.
support::ExitCode run_between(const Options& options, const ConfigOptions& config, const Console& console) {
  if (!options.target.url.empty())
    throw support::UsageError("--from and --to ask no database: leave --url out, or leave them out and give --schema");
  if (!options.output.empty())
    throw support::UsageError(
        "a plan between two states of the files is for no database, so it can't be saved for `apply`: leave -o out, "
        "and keep what --format prints");
  if (!options.schema.paths.empty()) throw support::UsageError("with --from and --to no --schema: they name the files");
  if (options.selection.any())
    throw support::UsageError("--only and --exclude are for a plan for a database, not for --from and --to");
  const BetweenResult result = plan_between({.states = options.states,
                                             .config = config,
                                             .schema = options.schema,
                                             .env = options.target.env,
                                             .prove = !options.no_prove},
                                            options.hold, console);
  print(renderer_of<PlanDocument>(kPlanFormats, options.format), result.document, console);
  if (!result.refusal.empty()) throw support::RefusedError(result.refusal);
  return options.detailed_exitcode && !result.document.plan.empty() ? support::ExitCode::changes : support::ExitCode::done;
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  if (options.states.any()) return run_between(options, config, console);
  Work todo = work({.config = config, .target = &options.target, .schema = &options.schema, .prove = !options.no_prove}, console);
  take_hold(todo.options, options.hold);
  Shown shown(options, todo, console);
  const reconciler::Memory memory(*todo.sources, todo.options);
  std::unique_ptr<postgres::Session> session;
  bool settled = true;  // no run is open, and none left anything: the result depends on files and catalogs alone
  const auto connect = [&] {
    session = executor::connect(todo.url, todo.settings.application);
    fleet::require_known_target(*session, todo.known);
    const std::string open_run = open_run_text(*session);
    settled = open_run.empty() && executor::left_behind(*session).empty();
    shown.open_run(open_run);
  };
  const bool whole = !options.selection.any();  // what is remembered is about the whole plan
  if (whole && memory.any()) {
    connect();
    const auto known = settled ? memory.recall(postgres::read_state(*session)) : std::nullopt;
    if (known) {
      if (console.verbose)
        console.err("known from before: neither the files nor the catalogs have changed since (--no-cache compares again)\n");
      reconciler::Comparison same;
      same.plan = known->plan;
      same.unmanaged = known->unmanaged;
      return shown.finish(*session, same);
    }
  }
  auto reading = std::async(std::launch::async, [&] {  // while the files are parsed, whose errors come first
    if (session == nullptr) connect();
    return postgres::introspect(*session);
  });
  support::Diagnostics diagnostics;
  const parser::Declared declared = elaborator::declare(*todo.sources, diagnostics);
  settle(diagnostics, console);
  postgres::Snapshot live = reading.get();
  support::Diagnostics more;
  const reconciler::Comparison comparison =
      reconciler::compare(*session, declared, todo.options, more, options.selection, std::move(live));
  settle(more, console);
  if (whole && settled && diagnostics.empty() && more.empty()) memory.remember(declared, comparison);
  return shown.finish(*session, comparison);
}

}  // namespace
}  // namespace command_plan

constinit const Command kPlan = command<command_plan::flags, command_plan::run>("plan", "show what would change, step by step");

}  // namespace lockstep::cli
