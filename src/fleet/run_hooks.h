// The hooks of one run, and what the command says if one of them fails. Private to the rollout.
#pragma once

#include <string>

#include "executor/run_record.h"
#include "fleet/gate.h"
#include "fleet/hooks.h"

namespace lockstep::fleet {

// What a hook reads on stdin: {"format": "lockstep-hook/1", "hook", "environment", "database", "run", "provenance": {…}}, at the
// gate also "gate", its text. Each function runs the hooks of one moment, and throws CommandError if one of them fails (or was
// interrupted).
class RunHooks {
 public:
  RunHooks(const Hooks& hooks, HookFacts facts, executor::Provenance provenance = {})
      : hooks_(hooks), facts_(std::move(facts)), provenance_(std::move(provenance)) {}

  void before() const;  // exit 1
  // Exit 7; once a run: that they succeeded is journalled. REQUIRES: the caller holds the run lock. `back`: the run is a way
  // back, which has no `after_contract`.
  void after(plan::Phase phase, postgres::Session& session, bool back) const;
  void at_gate(const Gate& gate) const;  // exit 7; the run waits at the gate
  void after_all() const;                // exit 7; the run is done and recorded

 private:
  std::string run(const std::vector<std::string>& commands, const std::string& hook, const std::string& gate = {}) const;

  const Hooks& hooks_;
  HookFacts facts_;
  executor::Provenance provenance_;
};

}  // namespace lockstep::fleet
