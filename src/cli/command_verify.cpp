// Checks whether somebody else has changed a database. For cron and CI: the exit code has the result, the text the details.
#include <algorithm>

#include "cli/commands.h"
#include "cli/places.h"

namespace lockstep::cli {
namespace command_verify {
namespace {

using support::ExitCode;

struct Options {
  TargetsOptions targets;
  SchemaOptions schema;
  std::string format;
  bool strict = false;
};

void flags(Flags app, Options& options) {
  targets_flags(app, options.targets);
  schema_flags(app, options.schema);
  app.flag("--strict", options.strict, "exit 2 on pending changes too, not on drift alone");
  format_flag<Places>(app, options.format, kVerifyFormats);
}

ExitCode code_of(const Place& place, bool strict) {
  const fleet::Status& s = place.status;
  if (!place.problem.empty()) return ExitCode::failed;
  if (!s.wrong_target.empty()) return ExitCode::stale;
  if (!s.broken_journal.empty()) return ExitCode::mismatch;
  return !s.drift.empty() || !s.unsound.empty() || (strict && !s.pending.empty()) ? ExitCode::changes : ExitCode::done;
}

// The result that most needs a person is the exit code.
int weight(ExitCode code) {
  constexpr ExitCode kOrder[] = {ExitCode::done, ExitCode::changes, ExitCode::failed, ExitCode::stale, ExitCode::mismatch};
  return static_cast<int>(std::find(std::begin(kOrder), std::end(kOrder), code) - std::begin(kOrder));
}

ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  const Places places = ask_all(works(config, options.targets, options.schema, console), console);
  ExitCode worst = ExitCode::done;
  for (const Place& place : places) {
    const ExitCode code = code_of(place, options.strict);
    if (weight(code) > weight(worst)) worst = code;
  }
  print(renderer_of<Places>(kVerifyFormats, options.format), places, console);
  return worst;
}

}  // namespace
}  // namespace command_verify

constinit const Command kVerify = command<command_verify::flags, command_verify::run>(
    "verify", "live against what was last applied and what is declared (exit 2: drift)");

}  // namespace lockstep::cli
