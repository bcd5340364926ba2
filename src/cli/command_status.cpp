// Shows the state of databases: one in detail, or every environment on a line of its own.
#include "cli/commands.h"
#include "cli/places.h"
#include "cli/report.h"
#include "support/error.h"

namespace lockstep::cli {
namespace command_status {
namespace {

struct Options {
  TargetsOptions targets;
  SchemaOptions schema;
  std::string format;
};

void flags(Flags app, Options& options) {
  targets_flags(app, options.targets);
  schema_flags(app, options.schema);
  format_flag<Places>(app, options.format, kStatusFormats);
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  const Places places = ask_all(works(config, options.targets, options.schema, console), console);
  const auto& renderer = renderer_of<Places>(kStatusFormats, options.format);
  print(renderer, places, console);
  if (!renderer.complete && places.size() == 1) show_unmanaged(places.front().status.unmanaged, console);
  for (const Place& place : places)
    if (!place.problem.empty()) throw support::CommandError(support::ExitCode::failed, "not every environment could be asked");
  return support::ExitCode::done;
}

}  // namespace
}  // namespace command_status

constinit const Command kStatus = command<command_status::flags, command_status::run>(
    "status", "the state of databases: last run, drift, pending changes, open run");

}  // namespace lockstep::cli
