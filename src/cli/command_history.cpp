// Lists what was run on a database, newest first, and what one run did.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/history_document.h"
#include "cli/target.h"
#include "executor/sound_journal.h"
#include "support/error.h"

namespace lockstep::cli {
namespace command_history {
namespace {

using executor::RunRecord;

struct Options {
  TargetOptions target;
  std::string run, format;
};

void flags(Flags app, Options& options) {
  app.option("RUN", options.run, "a run (its id or the first characters of it): its steps and events").type("RUN");
  target_flags(app, options.target);
  format_flag<Runs>(app, options.format, kHistoryFormats);
}

const RunRecord& find(const Runs& runs, const std::string& name) {
  const RunRecord* found = nullptr;
  for (const RunRecord& run : runs.all) {
    if (!run.id.starts_with(name)) continue;
    if (found != nullptr)
      throw support::UsageError(fmt::format("\"{}\" is the beginning of several runs: give more of it", name));
    found = &run;
  }
  if (found == nullptr) throw support::UsageError(fmt::format("no run \"{}\" in the journal (see `lockstep history`)", name));
  return *found;
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  const Work todo = work({.config = config, .target = &options.target}, console);
  const auto session = executor::connect(todo.url, todo.settings.application);
  const Runs runs{executor::runs(*session), executor::run_facts(*session)};
  if (options.run.empty()) {
    print(renderer_of<Runs>(kHistoryFormats, options.format), runs, console);
    return support::ExitCode::done;
  }
  const RunRecord& one = find(runs, options.run);
  const RunDocument document{one, executor::events(*session, one.id), facts_of(runs.facts, one)};
  print(renderer_of<RunDocument>(kRunFormats, options.format), document, console);
  return support::ExitCode::done;
}

}  // namespace
}  // namespace command_history

constinit const Command kHistory =
    command<command_history::flags, command_history::run>("history", "what was run on a database, and what one run did");

}  // namespace lockstep::cli
