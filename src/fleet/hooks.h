// The user's commands around a run: `hooks:` of an environment in lockstep.yaml.
//
//   before          after the approval, before anything is changed; a failure ends the command with exit 1
//   after_expand    after the last step of the expand phase, before the next step; a failure stops the run (exit 7), and the
//                   next apply or resume runs the hook again before it continues
//   at_gate         each time apply ends at the gate; a failure is exit 7, and the run stays at the gate
//   after_contract  after the last contract step; a failure is like that of after_expand. Not in a way back
//   after           after the run was verified and recorded; a failure is exit 7, though the run is complete
//
// /bin/sh runs each of them in the folder of lockstep.yaml, with a report as JSON on stdin (run_hooks.h) and its output on
// stderr. Its environment contains the harmless variables (support/environment.h), those named by `hooks: environment:`, and
// LOCKSTEP_ENV, LOCKSTEP_RUN, LOCKSTEP_DATABASE; never a URL unless it is named. Each hook runs again when a run is resumed,
// except after_expand and after_contract once they have succeeded.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace lockstep::fleet {

struct Hooks {
  std::vector<std::string> before, after_expand, at_gate, after_contract, after;
  std::vector<std::string> environment;  // names of variables that they get in addition to the harmless ones
};

struct HookFacts {
  std::string environment, run, database;
  std::string folder;                    // the folder to run in; empty: the current one
  std::vector<std::string> passed = {};  // Hooks::environment
  std::string report = {};               // JSON that they get on stdin
};

struct HookResult {
  std::string failure;  // how it failed, as below; empty: it didn't
  std::string output;   // of stdout
};
// Runs one of whose output something is wanted.
HookResult run_hook(const std::string& command, const HookFacts& facts);
// Runs them in order. Returns which one failed and how ("exit 3", "signal 9", a variable that is not set); empty: none.
std::string run_hooks(const std::vector<std::string>& commands, const HookFacts& facts);

}  // namespace lockstep::fleet
