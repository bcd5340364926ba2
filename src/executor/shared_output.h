// Serialises the calls that the watching thread and the working thread make to one Output.
#pragma once

#include <mutex>

#include "executor/output.h"

namespace lockstep::executor {

class SharedOutput : public Output {
 public:
  explicit SharedOutput(Output& output) : output_(output) {}
  void run_started(std::size_t steps, const std::string& run_id, bool resumed) override {
    const std::lock_guard lock(mutex_);
    output_.run_started(steps, run_id, resumed);
  }
  void step_started(const plan::Step& step, std::size_t position) override {
    const std::lock_guard lock(mutex_);
    output_.step_started(step, position);
  }
  void step_progress(const plan::Step& step, const Progress& progress) override {
    const std::lock_guard lock(mutex_);
    output_.step_progress(step, progress);
  }
  void step_waiting(const plan::Step& step, const std::string& blockers, std::chrono::milliseconds waited) override {
    const std::lock_guard lock(mutex_);
    output_.step_waiting(step, blockers, waited);
  }
  void step_done(const plan::Step& step, std::size_t position, std::chrono::milliseconds took) override {
    const std::lock_guard lock(mutex_);
    output_.step_done(step, position, took);
  }
  void backed_up(const std::string& object, std::int64_t rows, std::int64_t bytes, const std::string& file) override {
    const std::lock_guard lock(mutex_);
    output_.backed_up(object, rows, bytes, file);
  }
  void phase_over(plan::Phase phase) override {
    const std::lock_guard lock(mutex_);
    output_.phase_over(phase);
  }
  void message(const std::string& line) override {
    const std::lock_guard lock(mutex_);
    output_.message(line);
  }

 private:
  Output& output_;
  std::mutex mutex_;
};

}  // namespace lockstep::executor
