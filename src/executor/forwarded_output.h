// Passes every report on to another Output: a base for those that add to a few of them.
#pragma once

#include "executor/output.h"

namespace lockstep::executor {

class ForwardedOutput : public Output {
 public:
  explicit ForwardedOutput(Output& output) : output_(output) {}  // which outlives it

  void run_started(std::size_t steps, const std::string& run_id, bool resumed) override {
    output_.run_started(steps, run_id, resumed);
  }
  void step_started(const plan::Step& step, std::size_t position) override { output_.step_started(step, position); }
  void step_progress(const plan::Step& step, const Progress& progress) override { output_.step_progress(step, progress); }
  void step_waiting(const plan::Step& step, const std::string& blockers, std::chrono::milliseconds waited) override {
    output_.step_waiting(step, blockers, waited);
  }
  void step_done(const plan::Step& step, std::size_t position, std::chrono::milliseconds took) override {
    output_.step_done(step, position, took);
  }
  void backed_up(const std::string& object, std::int64_t rows, std::int64_t bytes, const std::string& file) override {
    output_.backed_up(object, rows, bytes, file);
  }
  void phase_over(plan::Phase phase) override { output_.phase_over(phase); }
  void message(const std::string& line) override { output_.message(line); }

 private:
  Output& output_;
};

}  // namespace lockstep::executor
