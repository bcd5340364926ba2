// Commands of the user's around a run: lockstep.yaml `hooks:` of an environment.
//
//   before        after the approval, before anything is changed; a failure ends the command with exit 1
//   after_expand  between the last step of the expand phase and the next one; a failure stops the run (exit 7), and the next
//                 apply or resume runs the hook again before it goes on
//   after         after the run was verified and recorded; a failure is exit 7, though nothing of the run is left to do
//
// Each is run by /bin/sh in the folder of lockstep.yaml, stdin empty, its output on stderr. It sees of the caller's
// environment what is harmless (support/environment.h), the variables that `hooks: environment:` names, and LOCKSTEP_ENV,
// LOCKSTEP_RUN, LOCKSTEP_DATABASE; never a URL unless it is named. Hooks run again when a run is resumed.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace lockstep::fleet {

struct Hooks {
  std::vector<std::string> before, after_expand, after;
  std::vector<std::string> environment;  // names of variables that they are given beside the harmless ones
};

struct HookFacts {
  std::string environment, run, database;
  std::string folder;                    // where it runs; empty: here
  std::vector<std::string> passed = {};  // Hooks::environment
};

// One after the other. Empty: all succeeded; else which one failed and how ("exit 3", "signal 9", a variable that is not set).
std::string run_hooks(const std::vector<std::string>& commands, const HookFacts& facts);

}  // namespace lockstep::fleet
