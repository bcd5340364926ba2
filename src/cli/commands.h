// The table of commands. Everything that parses, lists or runs a command is derived from its row.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "cli/console.h"
#include "cli/options.h"
#include "support/error.h"

namespace lockstep::cli {

// A command with the values of its options, which the parser writes into it.
class Invocation {
 public:
  Invocation() = default;
  virtual ~Invocation() = default;
  Invocation(const Invocation&) = delete;
  Invocation& operator=(const Invocation&) = delete;
  // REQUIRES: the command line was parsed.
  virtual support::ExitCode run(const ConfigOptions& config, const Console& console) const = 0;
};

// One command, or one action of a command (`backup list`).
struct Command {
  std::string_view name;
  std::string_view help;
  // Declares the options. REQUIRES: the result outlives the parsing.
  std::unique_ptr<Invocation> (*declare)(Flags app);
};

template <auto kFlags, auto kRun>
class InvocationOf;

template <typename Options, void (*kFlags)(Flags, Options&),
          support::ExitCode (*kRun)(const Options&, const ConfigOptions&, const Console&)>
class InvocationOf<kFlags, kRun> : public Invocation {
 public:
  explicit InvocationOf(Flags app) { kFlags(app, options_); }
  support::ExitCode run(const ConfigOptions& config, const Console& console) const override {
    return kRun(options_, config, console);
  }

 private:
  Options options_;
};

// The row of a command: `kFlags` declares its options, which are a struct of its own, and `kRun` runs with them.
template <auto kFlags, auto kRun>
constexpr Command command(std::string_view name, std::string_view help) {
  return {name, help, [](Flags app) -> std::unique_ptr<Invocation> { return std::make_unique<InvocationOf<kFlags, kRun>>(app); }};
}

// For `declare` of a command that consists of actions. It runs the action that was chosen.
std::unique_ptr<Invocation> declare_actions(Flags app, std::span<const Command> actions);

std::span<const Command> commands();

// One file each.
extern const Command kDemo, kInit, kImport, kInspect, kFmt, kCheck, kPlan, kApprove, kAttest, kApply, kAdopt, kCloneSchema,
    kDeploy, kKey, kResume, kRollback, kPurge, kResolve, kStatus, kHistory, kVerify, kCompare, kReport, kExplain, kBackup,
    kIdentity, kCache, kCompletion, kManual;

}  // namespace lockstep::cli
