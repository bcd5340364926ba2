// Where a database stands: what was run on it, what is open, what the files would change.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/report.h"
#include "cli/target.h"
#include "cli/text.h"

namespace lockstep::cli {
namespace {

void flags(CLI::App& app, Options& options) {
  target_flags(app, options);
  schema_flags(app, options);
}

void show_run(const executor::RunRecord& run, const Console& console) {
  const bool done = run.state == "done";
  console.out(
      fmt::format("last run   {} {}\n", run.id, paint(console.colour_out, done ? Style::green : Style::yellow, run.state)));
  console.out(fmt::format("  when     {}{}\n", run.started, run.finished.empty() ? "" : " to " + run.finished));
  console.out(fmt::format("  by       {}\n  steps    {} of {}\n", run.by, run.settled, run.steps));
  if (!run.last_error.empty()) console.out(fmt::format("  error    {}\n", run.last_error));
}

support::ExitCode run(const Options& options, const Console& console) {
  const Work todo = work(options, console, Need::yes, Need::maybe);
  std::optional<parser::Declared> declared;
  if (todo.sources) {
    support::Diagnostics diagnostics;
    declared = reconciler::declare(*todo.sources, diagnostics);
    settle(diagnostics, console);
  }
  const auto session = postgres::connect(todo.url, todo.settings.application);
  const postgres::Result name = session->execute("SELECT current_database()");
  console.out(fmt::format("database   {}, PostgreSQL {}.{}\n", name.text(0, 0), session->server_version() / 10000,
                          session->server_version() % 10000));
  const std::vector<executor::RunRecord> runs = executor::runs(*session);
  if (runs.empty()) {
    console.out("last run   never applied\n");
  } else {
    show_run(runs.front(), console);
  }
  if (const auto open = executor::open_run(*session))
    console.out(fmt::format("open run   {}: {} of {} steps settled; the next apply finishes it first\n", open->id, open->settled,
                            open->steps));
  if (!declared) {
    console.out(fmt::format("pending    unknown: no --schema, no `schema:` in {}\n", options.config));
    return support::ExitCode::done;
  }
  support::Diagnostics diagnostics;
  reconciler::Options quick = todo.options;
  quick.prove = false;
  const reconciler::Comparison comparison = reconciler::compare(*session, *declared, quick, diagnostics);
  settle(diagnostics, console);
  const plan::Plan& plan = comparison.plan;
  console.out(plan.empty() ? std::string("pending    nothing: live equals desired\n")
                           : fmt::format("pending    {} in {} (see `lockstep plan`)\n", plural(plan.changes.size(), "change"),
                                         plural(plan.steps.size(), "step")));
  show_unmanaged(comparison.unmanaged, console);
  return support::ExitCode::done;
}

}  // namespace

constinit const Command kStatus{"status", "where a database stands: last run, open run, pending changes", flags, run};

}  // namespace lockstep::cli
