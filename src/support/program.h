// Runs another program to its end, without a shell, and returns what it wrote.
#pragma once

#include <string>
#include <vector>

namespace lockstep::support {

struct ProgramResult {
  int status = 0;      // exit code; 128 + signal; 127: could not be started
  std::string output;  // of stdout
};

// `arguments`: the program, found through PATH, and its arguments. It runs in `folder` (empty: the current one) with empty stdin
// and the harmless variables only (support/environment.h). Its stderr is dropped.
ProgramResult run_program(const std::vector<std::string>& arguments, const std::string& folder);

}  // namespace lockstep::support
