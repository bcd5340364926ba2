// Continues the run that stopped, to its end, by its own plan, whatever the files contain now.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/conversation.h"
#include "cli/target.h"

namespace lockstep::cli {
namespace {

void flags(Flags app, Options& options) {
  target_flags(app, options);
  app.flag("-y,--yes", options.yes, "don't ask before the run continues");
  backup_flags(app, options);
}

support::ExitCode run(const Options& options, const Console& console) {
  const Work todo = work(options, console, Need::yes, Need::no);
  const auto conversation = make_conversation(console, {.yes = options.yes, .show_plan = false});
  const fleet::Outcome outcome = fleet::resume(todo.job(), *conversation);
  if (!outcome.resumed) {
    console.out("nothing to resume\n");
    return support::ExitCode::done;
  }
  for (const std::string& folder : outcome.report.backups) console.out("backup: " + folder + "\n");
  console.out(fmt::format("run {} is finished; every object of its plan is as planned\n", outcome.report.run_id));
  return support::ExitCode::done;
}

}  // namespace

constinit const Command kResume{"resume", "go on with the run that stopped", flags, run};

}  // namespace lockstep::cli
