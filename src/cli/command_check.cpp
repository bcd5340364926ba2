// Are the schema files right (PostgreSQL itself is asked, on a scratch database), and is the database fit to be changed?
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/report.h"
#include "cli/target.h"
#include "cli/text.h"
#include "fleet/checkup.h"

namespace lockstep::cli {
namespace {

void flags(CLI::App& app, Options& options) {
  target_flags(app, options);
  schema_flags(app, options);
}

bool show_findings(postgres::Session& session, const Console& console) {
  bool fit = true;
  for (const fleet::Finding& finding : fleet::checkup(session)) {
    const bool bad = finding.verdict == fleet::Verdict::bad;
    fit = fit && !bad;
    const bool good = finding.verdict == fleet::Verdict::good;
    console.out(fmt::format("{}  {}\n",
                            paint(console.colour_out,
                                  good  ? Style::green
                                  : bad ? Style::red
                                        : Style::yellow,
                                  good  ? "ok  "
                                  : bad ? "bad "
                                        : "warn"),
                            finding.text));
  }
  return fit;
}

support::ExitCode run(const Options& options, const Console& console) {
  const Work todo = work(options, console, Need::maybe, Need::yes);
  support::Diagnostics diagnostics;
  const parser::Declared declared = reconciler::declare(*todo.sources, diagnostics);
  settle(diagnostics, console);

  std::optional<postgres::Snapshot> live;
  bool fit = true;
  if (!todo.url.empty()) {
    const auto session = postgres::connect(todo.url, todo.settings.application);
    fit = show_findings(*session, console);
    live = postgres::introspect(*session, {.facts = false});
    for (const postgres::Unmanaged& one : live->unmanaged) show_unmanaged({one.description}, console);
  }
  support::Diagnostics more;
  const reconciler::Desired desired = reconciler::elaborate(declared, live ? &*live : nullptr, todo.options, more);
  settle(more, console);
  console.out(fmt::format("{}  {}: {}\n", paint(console.colour_out, Style::green, "ok  "),
                          plural(todo.sources->paths.size(), "schema file"), plural(desired.catalog.objects().size(), "object")));
  if (!fit) throw support::CommandError(support::ExitCode::failed, "the database is not fit for an apply (see above)");
  return support::ExitCode::done;
}

}  // namespace

constinit const Command kCheck{"check", "check schema files, and the database they are meant for", flags, run};

}  // namespace lockstep::cli
