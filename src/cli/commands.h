// The table of commands. Everything that parses, lists or runs a command is derived from its row.
#pragma once

#include <span>
#include <string_view>

#include "cli/console.h"
#include "cli/options.h"
#include "support/error.h"

namespace lockstep::cli {

struct Command {
  std::string_view name;
  std::string_view help;
  void (*flags)(Flags app, Options& options);
  support::ExitCode (*run)(const Options& options, const Console& console);
};

std::span<const Command> commands();

// One file each.
extern const Command kDemo, kInit, kInspect, kFmt, kCheck, kPlan, kApply, kResume, kRollback, kResolve, kStatus, kHistory,
    kVerify, kCompare, kBackup, kIdentity, kCompletion, kManual;

}  // namespace lockstep::cli
