// Forwards the executor's reports, and calls back when a phase is over, for the hooks between two phases. Private to the rollout.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "executor/output.h"

namespace lockstep::fleet {

class PhaseHooks : public executor::Output {
 public:
  // `phase_over`: called as often as the executor reports it; what it throws stops the run.
  PhaseHooks(executor::Output& output, std::function<void(plan::Phase)> phase_over)
      : output_(output), phase_over_(std::move(phase_over)) {}

  void run_started(std::size_t steps, const std::string& id, bool resumed) override { output_.run_started(steps, id, resumed); }
  void step_started(const plan::Step& step, std::size_t position) override { output_.step_started(step, position); }
  void step_progress(const plan::Step& step, const executor::Progress& now) override { output_.step_progress(step, now); }
  void step_waiting(const plan::Step& step, const std::string& blockers, std::chrono::milliseconds waited) override {
    output_.step_waiting(step, blockers, waited);
  }
  void step_done(const plan::Step& step, std::size_t position, std::chrono::milliseconds took) override {
    output_.step_done(step, position, took);
  }
  void backed_up(const std::string& object, std::int64_t rows, std::int64_t bytes, const std::string& file) override {
    output_.backed_up(object, rows, bytes, file);
  }
  void phase_over(plan::Phase phase) override { phase_over_(phase); }
  void message(const std::string& line) override { output_.message(line); }

 private:
  executor::Output& output_;
  std::function<void(plan::Phase)> phase_over_;
};

}  // namespace lockstep::fleet
