// Forwards the executor's reports, and runs a hook at the end of the expand phase. Private to the rollout.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "executor/output.h"
#include "plan/plan.h"

namespace lockstep::fleet {

// Runs the hook between the expand phase and the step after it, when the executor reports that it begins that step.
class ExpandGate : public executor::Output {
 public:
  ExpandGate(executor::Output& output, const plan::Plan& plan, std::function<void()> hook)
      : output_(output), hook_(std::move(hook)) {
    for (std::size_t i = 0; i < plan.steps.size(); ++i)
      if (plan.steps[i].phase == plan::Phase::expand) past_expand_ = i + 1;
  }
  void pass() {
    if (past_expand_ > 0 && hook_) std::exchange(hook_, {})();
  }

  void run_started(std::size_t steps, const std::string& id, bool resumed) override { output_.run_started(steps, id, resumed); }
  void step_started(const plan::Step& step, std::size_t position) override {
    if (position >= past_expand_) pass();
    output_.step_started(step, position);
  }
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
  void message(const std::string& line) override { output_.message(line); }

 private:
  executor::Output& output_;
  std::function<void()> hook_;
  std::size_t past_expand_ = 0;
};

}  // namespace lockstep::fleet
