// Runs another program to its end, without a shell, and returns what it wrote.
#pragma once

#include <string>
#include <vector>

namespace lockstep::support {

struct ProgramResult {
  int status = 0;      // exit code; 128 + signal; 127: could not be started
  std::string output;  // of stdout
};

enum class ProgramErrors { dropped, shown };  // its stderr: to /dev/null, or to ours
struct ProgramOptions {
  std::vector<std::string> variables;  // its whole environment, "NAME=value"; empty: the harmless ones (support/environment.h)
  ProgramErrors errors = ProgramErrors::dropped;
};

// `arguments`: the program, found through PATH, and its arguments. It runs in `folder` (empty: the current one) with empty stdin.
ProgramResult run_program(const std::vector<std::string>& arguments, const std::string& folder,
                          const ProgramOptions& options = {});

}  // namespace lockstep::support
