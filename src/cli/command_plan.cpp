// What apply would do, and nothing done: reads the database, writes at most the plan file.
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/plan_markdown.h"
#include "cli/plan_view.h"
#include "cli/report.h"
#include "cli/target.h"
#include "plan/hazard.h"
#include "plan/plan_file.h"
#include "reconciler/memory.h"

namespace lockstep::cli {
namespace {

void flags(CLI::App& app, Options& options) {
  target_flags(app, options);
  schema_flags(app, options);
  app.add_option("--format", options.format, "text, sql, json or markdown (for a pull request)")
      ->check(CLI::IsMember({"text", "sql", "json", "markdown"}))
      ->type_name("FORMAT");
  app.add_option("-o,--output", options.output, "save the plan here as JSON: `lockstep apply FILE` runs exactly it")
      ->type_name("FILE");
  app.add_flag("--detailed-exitcode", options.detailed_exitcode, "exit 2 when there are changes, 0 when there are none");
  app.add_flag("--no-prove", options.no_prove, "don't try the plan on a scratch copy first");
}

support::ExitCode show(const Options& options, const Console& console, const plan::Plan& plan,
                       const std::vector<std::string>& unmanaged) {
  if (!options.output.empty()) write_private_file(options.output, plan::to_json(plan));
  if (options.format == "sql") {
    console.exact(plan_sql(plan));
  } else if (options.format == "json") {
    console.out(plan::to_json(plan));
  } else if (options.format == "markdown") {
    console.out(plan_markdown(plan, plan::hazards_of(plan)));
  } else {
    console.out(
        plan_text(plan, plan::hazards_of(plan),
                  {.colour = console.colour_out, .statements = console.verbose ? Statements::whole : Statements::shortened}));
  }
  show_unmanaged(unmanaged, console);
  return options.detailed_exitcode && !plan.empty() ? support::ExitCode::changes : support::ExitCode::done;
}

support::ExitCode run(const Options& options, const Console& console) {
  const Work todo = work(options, console, Need::yes, Need::yes);
  const reconciler::Memory memory(*todo.sources, todo.options);
  std::unique_ptr<postgres::Session> session;
  if (memory.any()) {
    session = postgres::connect(todo.url, todo.settings.application);
    fleet::require_known_target(*session, todo.known);
    if (const auto known = memory.recall(postgres::read_state(*session))) {
      if (console.verbose)
        console.err("known from before: neither the files nor the catalogs have moved since (--no-cache compares anew)\n");
      return show(options, console, known->plan, known->unmanaged);
    }
  }
  support::Diagnostics diagnostics;
  const parser::Declared declared = reconciler::declare(*todo.sources, diagnostics);
  settle(diagnostics, console);
  if (session == nullptr) {
    session = postgres::connect(todo.url, todo.settings.application);
    fleet::require_known_target(*session, todo.known);
  }
  support::Diagnostics more;
  const reconciler::Comparison comparison = reconciler::compare(*session, declared, todo.options, more);
  settle(more, console);
  if (diagnostics.empty() && more.empty()) memory.remember(declared, comparison);
  return show(options, console, comparison.plan, comparison.unmanaged);
}

}  // namespace

constinit const Command kPlan{"plan", "show what would change, step by step", flags, run};

}  // namespace lockstep::cli
