// The command line as a whole: main parses it, and the completions and the manual page are made from it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"

namespace CLI {
class App;
}

namespace lockstep::cli {

struct DeclaredCommand {
  std::string name;
  std::unique_ptr<Invocation> invocation;
};
// Adds every command of the table to `app`, with the flags that all commands have. Parsing stores values in `common` and in the
// invocations. REQUIRES: both outlive the parsing.
std::vector<DeclaredCommand> add_commands(CLI::App& app, CommonOptions& common);

// One option of a command, or an operand.
struct Syntax {
  std::vector<std::string> names;    // "--format", "-v"; empty for an operand
  std::string value;                 // "FORMAT"; empty for a flag
  std::string help;                  // one line
  std::vector<std::string> choices;  // the only valid values; empty: any
  bool repeats = false;
  bool required = false;
};

struct CommandSyntax {
  std::vector<std::string> words;  // {"backup", "list"}; empty for lockstep itself
  std::string help;
  std::vector<Syntax> options;   // its own
  std::vector<Syntax> operands;  // in order
};

// Lockstep itself, then every command and action in the order of the table.
std::vector<CommandSyntax> command_syntax();

}  // namespace lockstep::cli
