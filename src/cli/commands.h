// The table of commands: everything that parses, lists or runs a command derives from its row.
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
  void (*flags)(CLI::App& app, Options& options);
  support::ExitCode (*run)(const Options& options, const Console& console);
};

std::span<const Command> commands();

// One file each.
extern const Command kInspect, kFmt, kCheck, kPlan, kApply, kStatus, kDemo;

}  // namespace lockstep::cli
