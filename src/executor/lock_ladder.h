// How long a step waits for its lock, attempt by attempt, and how long it stays away in between. Pure: no clock.
//
// Attempts start short (100 ms) and double up to the configured lock_timeout, then start over. Autovacuum gives way only
// after deadlock_timeout, so one rung of each round lies above that even if lock_timeout is lower. Pauses have full jitter
// and are at least as long as the attempt before, so that others get through at least half of the time.
//
// A waiting request for a lock stronger than SHARE UPDATE EXCLUSIVE makes readers or writers queue behind it. Its ladder has
// short rungs only (up to 250 ms); the rare long attempt is decided by who asks (lock_wait.cpp).
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

namespace lockstep::executor {

class LockLadder {
 public:
  using Milliseconds = std::chrono::milliseconds;
  struct Attempt {
    Milliseconds pause{0};    // before it
    Milliseconds timeout{0};  // lock_timeout of it
  };
  // `random` gives numbers in [0, 1).
  LockLadder(Milliseconds highest, Milliseconds deadlock_timeout, int retries, std::function<double()> random);
  // For a lock that keeps others waiting behind the request.
  static LockLadder of_short_rungs(Milliseconds highest, int retries, std::function<double()> random);
  static Milliseconds above(Milliseconds deadlock_timeout) { return deadlock_timeout + deadlock_timeout * 3 / 10; }
  std::optional<Attempt> next();  // nullopt: used up
  int attempts() const { return attempts_; }
  const std::vector<Milliseconds>& rungs() const { return rungs_; }

 private:
  LockLadder(std::vector<Milliseconds> rungs, int retries, std::function<double()> random);

  std::vector<Milliseconds> rungs_;
  int retries_;
  int attempts_ = 0;
  std::function<double()> random_;
};

// For production use: seeded from the system's entropy.
std::function<double()> system_random();

}  // namespace lockstep::executor
