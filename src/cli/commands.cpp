#include "cli/commands.h"

#include <array>
#include <string>
#include <vector>

namespace lockstep::cli {
namespace {

class Actions : public Invocation {
 public:
  Actions(Flags app, std::span<const Command> actions) {
    for (const Command& action : actions) {
      const Flags sub = app.action(std::string(action.name), std::string(action.help));
      actions_.push_back({sub, action.declare(sub)});
    }
  }

  support::ExitCode run(const ConfigOptions& config, const Console& console) const override {
    for (const Action& action : actions_)
      if (action.flags.chosen()) return action.invocation->run(config, console);
    throw support::InternalError("no such action");
  }

 private:
  struct Action {
    Flags flags;
    std::unique_ptr<Invocation> invocation;
  };
  std::vector<Action> actions_;
};

}  // namespace

// Copied from the rows at the first call; the rows are constants of other files, initialised before main.
std::span<const Command> commands() {
  static const auto kTable = std::to_array<Command>(
      {kDemo,    kInit,        kImport, kInspect,  kFmt,      kCheck, kPlan,    kApprove,    kAttest,  kApply,
       kAdopt,   kCloneSchema, kDeploy, kResume,   kRollback, kPurge, kResolve, kStatus,     kHistory, kVerify,
       kCompare, kReport,      kBackup, kIdentity, kKey,      kCache, kExplain, kCompletion, kManual});
  return kTable;
}

std::unique_ptr<Invocation> declare_actions(Flags app, std::span<const Command> actions) {
  return std::make_unique<Actions>(app, actions);
}

}  // namespace lockstep::cli
