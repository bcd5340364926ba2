// Continues the run that stopped, to its end or to the gate, by its own plan, whatever the files contain now.
#include <fmt/format.h>

#include "cli/backup_restore.h"
#include "cli/commands.h"
#include "cli/conversation.h"
#include "cli/gate.h"
#include "cli/provenance.h"
#include "cli/target.h"

namespace lockstep::cli {
namespace command_resume {
namespace {

struct Options {
  TargetOptions target;
  BackupOptions backup;
  std::string confirmed;
  bool yes = false;
};

void flags(Flags app, Options& options) {
  target_flags(app, options.target);
  yes_flag(app, options.yes, "don't ask before the run continues");
  confirm_flag(app, options.confirmed);
  backup_flags(app, options.backup);
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  const Work todo = work({.config = config, .target = &options.target, .backup = &options.backup}, console);
  const auto conversation = make_conversation(
      console, {.yes = options.yes, .name = name_to_confirm(todo), .confirmed = options.confirmed, .show_plan = false});
  const fleet::Outcome outcome = fleet::resume(todo.job(), *conversation);
  if (outcome.gate) return show_gate(outcome, console);
  if (!outcome.resumed) {
    console.out("nothing to resume\n");
    return support::ExitCode::done;
  }
  for (const std::string& folder : outcome.report.backups) console.out("backup: " + folder + "\n");
  console.out(fmt::format("run {} is finished; every object of its plan is as planned\n", outcome.report.run_id));
  restore_undone(outcome, todo, {.store = options.backup.store, .consent = {.yes = options.yes}}, console);
  return support::ExitCode::done;
}

}  // namespace
}  // namespace command_resume

constinit const Command kResume =
    command<command_resume::flags, command_resume::run>("resume", "go on with the run that stopped");

}  // namespace lockstep::cli
