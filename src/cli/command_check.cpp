// Checks the schema files (PostgreSQL elaborates them on a scratch database) and whether the database is fit to be changed.
#include <memory>

#include "cli/check_document.h"
#include "cli/commands.h"
#include "cli/preflight.h"
#include "cli/report.h"
#include "cli/target.h"
#include "elaborator/desired.h"
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
  if (!fit(document.findings)) throw support::CommandError(before.unfit, "the database is not fit for an apply (see above)");
  return support::ExitCode::done;
}

}  // namespace
}  // namespace command_check

constinit const Command kCheck =
    command<command_check::flags, command_check::run>("check", "check schema files, and the database they are meant for");

}  // namespace lockstep::cli
