// Lists, verifies, rehearses, restores and prunes what runs saved. One file an action.
#include <array>

#include "cli/backup_places.h"
#include "cli/commands.h"

namespace lockstep::cli {
namespace command_backup {
namespace {

std::unique_ptr<Invocation> declare(Flags app) {
  static const auto kActions =
      std::to_array<Command>({kBackupList, kBackupShow, kBackupVerify, kBackupRehearse, kBackupRestore, kBackupPrune});
  return declare_actions(app, kActions);
}

}  // namespace
}  // namespace command_backup

constinit const Command kBackup{"backup", "what was saved before each run: list, show, verify, rehearse, restore, prune",
                                command_backup::declare};

}  // namespace lockstep::cli
