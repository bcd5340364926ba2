// What the executor reports while it works. The cli implements the views (a progress bar on a terminal, plain lines elsewhere).
#pragma once

#include <chrono>
#include <string>

#include "plan/step.h"

namespace lockstep::executor {

struct Progress {
  std::int64_t done = 0;   // rows or blocks
  std::int64_t total = 0;  // 0: unknown
  std::string unit;        // "rows", "blocks"
  double per_second = 0;
};

class Output {
 public:
  virtual ~Output() = default;
  virtual void run_started(std::size_t steps, const std::string& run_id, bool resumed) = 0;
  virtual void step_started(const plan::Step& step, std::size_t position) = 0;
  virtual void step_progress(const plan::Step& step, const Progress& progress) = 0;
  virtual void step_waiting(const plan::Step& step, const std::string& blockers, std::chrono::milliseconds waited) = 0;
  virtual void step_done(const plan::Step& step, std::size_t position, std::chrono::milliseconds took) = 0;
  virtual void backed_up(const std::string& object, std::int64_t rows, std::int64_t bytes, const std::string& file) = 0;
  // Every step of this phase is done: reported before the next step begins, and before the gate or the end of the run is
  // journalled; once more each time the run is resumed. An exception ends the attempt, and the run stays open.
  virtual void phase_over(plan::Phase) {}
  virtual void message(const std::string& line) = 0;
};

}  // namespace lockstep::executor
