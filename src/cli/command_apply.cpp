// Runs a plan. fleet/rollout decides the order of things.
#include "cli/apply_options.h"
#include "cli/commands.h"
#include "cli/conversation.h"
#include "cli/plan_view.h"

namespace lockstep::cli {
namespace {

support::ExitCode run(const ApplyOptions& options, const ConfigOptions& config, const Console& console) {
  const ApplyJob work = apply_job(options, config, console);
  const auto conversation =
      make_conversation(console, {.yes = options.consent.yes,
                                  .name = name_to_confirm(work.todo),
                                  .confirmed = options.confirmed,
                                  .statements = console.verbose ? Statements::whole : Statements::shortened});
  return show_outcome(fleet::apply(work.job, *conversation), options, work.todo, console);
}

}  // namespace

constinit const Command kApply = command<apply_flags, run>("apply", "bring a database to its schema files, or run a saved plan");

}  // namespace lockstep::cli
