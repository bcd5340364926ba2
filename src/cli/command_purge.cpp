// Removes what held runs have hidden, once their time is over.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/conversation.h"
#include "cli/provenance.h"
#include "cli/report.h"
#include "cli/target.h"
#include "cli/text.h"
#include "fleet/hold.h"

namespace lockstep::cli {
namespace command_purge {
namespace {

struct Options {
  TargetOptions target;
  BackupOptions backup;
  std::string run, early, confirmed;
  bool yes = false;
};

void flags(Flags app, Options& options) {
  app.option("RUN", options.run, "the held run, or the beginning of its id (default: each whose hold is over)").type("RUN");
  target_flags(app, options.target);
  app.option("--early", options.early, "purge RUN although its hold is not over; the reason is journalled").type("REASON");
  yes_flag(app, options.yes, "don't ask before it is removed");
  confirm_flag(app, options.confirmed);
  backup_flags(app, options.backup);
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  if (!options.early.empty() && options.run.empty()) throw support::UsageError("--early is for one run: name it");
  const Work todo = work({.config = config, .target = &options.target, .backup = &options.backup}, console);
  const auto conversation = make_conversation(
      console, {.yes = options.yes, .name = name_to_confirm(todo), .confirmed = options.confirmed, .show_plan = false});
  const fleet::Purged purged = fleet::purge(todo.job(), *conversation, options.run, options.early);
  for (const executor::Report& report : purged.done) {
    for (const std::string& folder : report.backups) console.out("backup: " + folder + "\n");
    console.out(fmt::format("run {} is purged: nothing of it is hidden any more\n", report.run_id));
  }
  if (!purged.before.empty())
    console.out(fmt::format("run {} is purged already: nothing of it is hidden any more\n", purged.before));
  for (const fleet::Hold& hold : purged.kept)
    console.out(fmt::format("run {} is held until {}\n", hold.run, short_time(hold.until)));
  if (purged.done.empty() && purged.kept.empty() && purged.before.empty()) console.out("nothing to purge: no run is held\n");
  return purged.failed.value_or(support::ExitCode::done);
}

}  // namespace
}  // namespace command_purge

constinit const Command kPurge =
    command<command_purge::flags, command_purge::run>("purge", "remove what runs have hidden, once their hold is over");

}  // namespace lockstep::cli
