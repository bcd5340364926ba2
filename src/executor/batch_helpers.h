// Threads with sessions of their own that do batches beside the working thread, as long as that makes the step faster.
//
// A helper is optional: what it can't do (no connection, an error, a lock that it doesn't get) it leaves to the working thread,
// which tries again, reports and stops as always. Only the working thread calls the functions.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "executor/batches.h"

namespace lockstep::executor {

class BatchHelpers {
 public:
  BatchHelpers(Run& run, const plan::Step& step) : run_(run), step_(step) {}
  ~BatchHelpers() { end(); }
  BatchHelpers(const BatchHelpers&) = delete;
  BatchHelpers& operator=(const BatchHelpers&) = delete;

  // They work on these batches until end(). REQUIRES: none is at work.
  void work_on(Batches& batches);
  // After a batch of the working thread: adds a helper, or takes the last one away if it didn't make the step faster.
  void consider(std::int64_t rows_so_far);
  void pause(bool on) { paused_ = on; }
  // Waits for their batches to end.
  void end();
  std::int64_t rows() const { return rows_; }  // that they updated, in all

 private:
  struct Helper {
    std::unique_ptr<postgres::Session> session;
    std::thread thread;
    std::atomic<bool> stop{false};
  };
  using Time = std::chrono::steady_clock::time_point;

  void start(Helper& helper);
  void loop(Helper& helper, Batches& batches);
  bool connect(Helper& helper);
  static void join(Helper& helper);

  Run& run_;
  const plan::Step& step_;
  Batches* batches_ = nullptr;
  std::vector<std::unique_ptr<Helper>> helpers_;
  std::atomic<bool> paused_{false};
  std::atomic<std::int64_t> rows_{0};
  bool enough_ = false;        // more helpers don't pay
  double rate_ = 0;            // rows a second before the last helper came
  std::optional<Time> since_;  // of the measurement that is under way
  std::int64_t rows_then_ = 0;
};

}  // namespace lockstep::executor
