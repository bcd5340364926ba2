// Time as a dependency: the executor sleeps and measures only through this interface, so that tests can replace it.
#pragma once

#include <chrono>

namespace lockstep::executor {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::steady_clock::time_point now() const = 0;
  virtual void sleep(std::chrono::milliseconds duration) = 0;
};
Clock& system_clock();

}  // namespace lockstep::executor
