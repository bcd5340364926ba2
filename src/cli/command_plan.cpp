// Shows what apply would do. It reads the database and writes at most the plan file.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/plan_markdown.h"
#include "cli/plan_view.h"
#include "cli/report.h"
#include "cli/status_view.h"
#include "cli/target.h"
#include "executor/sound_journal.h"
#include "executor/transitional.h"
#include "plan/hazard.h"
#include "plan/plan_file.h"
#include "reconciler/memory.h"

namespace lockstep::cli {
namespace {

struct Options {
  TargetOptions target;
  SchemaOptions schema;
  std::string format, output;
  bool detailed_exitcode = false, no_prove = false;
};

void flags(Flags app, Options& options) {
  target_flags(app, options.target);
  schema_flags(app, options.schema);
  app.option("--format", options.format, "text, sql, json or markdown (for a pull request)")
      .choices({"text", "sql", "json", "markdown"})
      .type("FORMAT");
  app.option("-o,--output", options.output, "save the plan here as JSON: `lockstep apply FILE` runs exactly it").type("FILE");
  app.flag("--detailed-exitcode", options.detailed_exitcode, "exit 2 when there are changes, 0 when there are none");
  app.flag("--no-prove", options.no_prove, "don't try the plan on a scratch copy first");
}

// Shown first, because the plan is made from the state in the middle of a run.
std::string open_run_text(postgres::Session& session) {
  auto run = executor::open_run(session);
  const bool done = !run;
  if (done) run = executor::unrecorded_run(session);
  if (!run) return {};
  return fmt::format(
      "Run {} by {}, started {}, {} after {} of {} steps. The plan below starts from the database's present state; `lockstep "
      "apply` or `lockstep resume` continues that run first, `lockstep resolve --abandon` gives it up.",
      run->id, run->by, short_time(run->started), done ? "was killed before it recorded its end," : "is open", run->settled,
      run->steps);
}

void show_open_run(const std::string& text, const Options& options, const Console& console) {
  if (text.empty()) return;
  if (options.format == "json") {
    console.err(text + "\n");
  } else if (options.format == "markdown") {
    console.out("> **Open run.** " + text + "\n\n");
  } else {
    console.out((options.format == "sql" ? "-- " : "") + text + (options.format == "sql" ? "\n" : "\n\n"));
  }
}

// Throws RefusedError after it has shown a plan that `protect:` forbids, since apply would refuse it.
support::ExitCode show(const Options& options, const Console& console, const Work& todo, const plan::Plan& plan,
                       const std::vector<std::string>& unmanaged) {
  if (!options.output.empty()) write_private_file(options.output, plan::to_json(plan));
  if (options.format == "sql") {
    console.exact(plan_sql(plan));
  } else if (options.format == "json") {
    console.out(plan::to_json(plan));
  } else if (options.format == "markdown") {
    console.out(plan_markdown(plan, plan::hazards_of(plan)));
  } else {
    console.out(plan_text(plan, plan::hazards_of(plan),
                          {.colour = console.colour_out,
                           .statements = console.verbose ? Statements::whole : Statements::shortened,
                           .width = console.width}));
  }
  show_unmanaged(unmanaged, console);
  fleet::refuse_harm(todo.job().protection, plan, plan::hazards_of(plan), todo.known.environment);
  return options.detailed_exitcode && !plan.empty() ? support::ExitCode::changes : support::ExitCode::done;
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  const Work todo =
      work({.config = config, .target = &options.target, .schema = &options.schema, .prove = !options.no_prove}, console);
  const reconciler::Memory memory(*todo.sources, todo.options);
  std::unique_ptr<postgres::Session> session;
  std::string open_run;
  bool settled = true;  // no run is open, and none left anything: the result depends on files and catalogs alone
  const auto connect = [&] {
    session = executor::connect(todo.url, todo.settings.application);
    fleet::require_known_target(*session, todo.known);
    open_run = open_run_text(*session);
    settled = open_run.empty() && executor::left_behind(*session).empty();
    show_open_run(open_run, options, console);
  };
  if (memory.any()) {
    connect();
    const auto known = settled ? memory.recall(postgres::read_state(*session)) : std::nullopt;
    if (known) {
      if (console.verbose)
        console.err("known from before: neither the files nor the catalogs have changed since (--no-cache compares again)\n");
      return show(options, console, todo, known->plan, known->unmanaged);
    }
  }
  support::Diagnostics diagnostics;
  const parser::Declared declared = elaborator::declare(*todo.sources, diagnostics);
  settle(diagnostics, console);
  if (session == nullptr) connect();
  support::Diagnostics more;
  const reconciler::Comparison comparison = reconciler::compare(*session, declared, todo.options, more);
  settle(more, console);
  if (settled && diagnostics.empty() && more.empty()) memory.remember(declared, comparison);
  return show(options, console, todo, comparison.plan, comparison.unmanaged);
}

}  // namespace

constinit const Command kPlan = command<Options, flags, run>("plan", "show what would change, step by step");

}  // namespace lockstep::cli
