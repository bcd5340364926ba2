// Forwards the executor's reports, and calls back when a phase is over, for the hooks between two phases. Private to the rollout.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "executor/forwarded_output.h"

namespace lockstep::fleet {

class PhaseHooks : public executor::ForwardedOutput {
 public:
  // `phase_over`: called as often as the executor reports it; what it throws stops the run.
  PhaseHooks(executor::Output& output, std::function<void(plan::Phase)> phase_over)
      : ForwardedOutput(output), phase_over_(std::move(phase_over)) {}

  void phase_over(plan::Phase phase) override { phase_over_(phase); }

 private:
  std::function<void(plan::Phase)> phase_over_;
};

}  // namespace lockstep::fleet
