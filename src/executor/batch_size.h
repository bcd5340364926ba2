// How many blocks the next batch has. A batch aims at a duration, not at a size, because everybody who waits for a row of it
// notices a slow disk or long rows. Blocks without pending rows are quick and say nothing about those behind them, so a batch
// never has more blocks than could be updated in a few times that duration if all were full. Pure.
#pragma once

#include <chrono>
#include <cstdint>

namespace lockstep::executor {

class BatchSize {
 public:
  explicit BatchSize(std::chrono::milliseconds target) : target_(target) {}
  std::int64_t blocks() const { return blocks_; }
  // Another relation. `rows`: as its statistics say, 0: unknown.
  void relation(std::int64_t rows, std::int64_t blocks);
  // After a batch of `blocks` blocks in which `updated` rows were pending.
  void took(std::chrono::microseconds time, std::int64_t blocks, std::int64_t updated);
  void failed();  // a batch with fewer rows waits for fewer locks

 private:
  std::chrono::milliseconds target_;
  std::int64_t blocks_ = 64;
  double fullest_ = 50, fastest_ = 0;  // rows in a block, rows a millisecond: the most seen
};

}  // namespace lockstep::executor
