// Checks the schema files (PostgreSQL elaborates them on a scratch database) and whether the database is fit to be changed.
#include <algorithm>
#include <memory>

#include "cli/check_document.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/target.h"
#include "elaborator/desired.h"
#include "executor/sound_journal.h"
#include "fleet/checkup.h"
#include "postgres/introspect.h"
#include "support/error.h"

namespace lockstep::cli {
namespace command_check {
namespace {

struct Options {
  TargetOptions target;
  SchemaOptions schema;
  std::string format;
};

void flags(Flags app, Options& options) {
  target_flags(app, options.target);
  schema_flags(app, options.schema);
  format_flag<CheckDocument>(app, options.format, kCheckFormats);
}

// The result for the database: findings, and its catalog if it could be read.
struct Preflight {
  std::unique_ptr<postgres::Session> session;  // exists as long as `live`, which may query it again
  std::vector<fleet::Finding> findings;
  std::optional<postgres::Snapshot> live;
  support::ExitCode unfit = support::ExitCode::failed;  // if a finding is bad
};

Preflight preflight(const Work& todo) {
  Preflight result;
  try {
    result.session = executor::connect(todo.url, todo.settings.application);
    postgres::Session* const session = result.session.get();
    result.findings = fleet::checkup(*session, todo.known, todo.settings.max_replica_lag);
    result.findings.push_back(fleet::backup_target(todo.settings.backup_folder, fleet::database_bytes(*session)));
    result.live = postgres::introspect(*session, {.facts = false});
  } catch (const support::DatabaseError& error) {
    const bool connected = !result.findings.empty();
    result.findings.push_back({connected ? "catalog" : "reachable", fleet::Verdict::bad,
                               (connected ? "the catalog can't be read: " : "can't be reached: ") + error.facts().message});
  } catch (const support::RefusedError& error) {
    result.findings.push_back({"pooler", fleet::Verdict::bad, error.what()});
    result.unfit = error.code();
  }
  return result;
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  const auto& renderer = renderer_of<CheckDocument>(kCheckFormats, options.format);
  const Work todo =
      work({.config = config, .target = &options.target, .schema = &options.schema, .target_required = false}, console);
  CheckDocument document{.files = todo.sources->paths};
  support::Diagnostics& diagnostics = document.diagnostics;
  const parser::Declared declared = elaborator::declare(*todo.sources, diagnostics);
  Preflight before;
  if (!diagnostics.has_errors()) {
    if (!todo.url.empty()) before = preflight(todo);
    document.findings = before.findings;
    document.database = before.live.has_value();
    print_early(renderer, document, console);
    if (!renderer.complete && before.live)
      for (const postgres::Unmanaged& one : before.live->unmanaged) show_unmanaged({one.description}, console);
    document.objects = elaborator::elaborate(declared, before.live ? &*before.live : nullptr, todo.options, diagnostics)
                           .catalog.objects()
                           .size();
  }
  if (!renderer.complete) settle(diagnostics, console);
  print(renderer, document, console);
  fleet::refuse_errors(diagnostics);
  const bool fit = std::none_of(document.findings.begin(), document.findings.end(),
                                [](const fleet::Finding& one) { return one.verdict == fleet::Verdict::bad; });
  if (!fit) throw support::CommandError(before.unfit, "the database is not fit for an apply (see above)");
  return support::ExitCode::done;
}

}  // namespace
}  // namespace command_check

constinit const Command kCheck =
    command<command_check::flags, command_check::run>("check", "check schema files, and the database they are meant for");

}  // namespace lockstep::cli
