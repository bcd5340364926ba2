// How long each attempt of a step waits for its lock, and how long it pauses in between. Pure: it reads no clock.
//
// Attempts start short (100 ms), double up to the configured lock_timeout, then start over. Autovacuum gives up its lock only
// after deadlock_timeout, so one rung of each round is longer than that even if lock_timeout is shorter. Pauses have full
// jitter and are at least as long as the attempt before, so that others get the lock at least half of the time.
//
// A waiting request for a lock stronger than SHARE UPDATE EXCLUSIVE makes readers or writers queue behind it. Its ladder has
// short rungs only (up to 250 ms); lock_wait.cpp decides when a rare long attempt is made.
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
    Milliseconds pause{0};    // before the attempt
    Milliseconds timeout{0};  // lock_timeout of the attempt
  };
  // `random` returns numbers in [0, 1).
  LockLadder(Milliseconds highest, Milliseconds deadlock_timeout, int retries, std::function<double()> random);
  // For a lock whose request makes others wait behind it.
  static LockLadder of_short_rungs(Milliseconds highest, int retries, std::function<double()> random);
  static Milliseconds above(Milliseconds deadlock_timeout) { return deadlock_timeout + deadlock_timeout * 3 / 10; }
  std::optional<Attempt> next();  // nullopt: no attempts are left
  int attempts() const { return attempts_; }
  const std::vector<Milliseconds>& rungs() const { return rungs_; }

 private:
  LockLadder(std::vector<Milliseconds> rungs, int retries, std::function<double()> random);

  std::vector<Milliseconds> rungs_;
  int retries_;
  int attempts_ = 0;
  std::function<double()> random_;
};

// The generator for production use, seeded from the system's entropy.
std::function<double()> system_random();

}  // namespace lockstep::executor
