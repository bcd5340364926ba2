// How many blocks, and how many rows of them, the next batch has. A batch aims at a duration, not at a size, because everybody
// who waits for a row of it notices a slow disk or long rows. Blocks without pending rows are quick and say nothing about those
// behind them: where the blocks could have more rows than fit in the duration, the rows are counted first. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace lockstep::executor {

class BatchSize {
 public:
  explicit BatchSize(std::chrono::milliseconds target) : target_(target) {}
  std::int64_t blocks() const { return blocks_; }
  // The rows that fit in the duration, where so many blocks could have more of them.
  std::optional<std::int64_t> rows_of(std::int64_t blocks) const;
  // Another relation. `rows`: as its statistics say, 0: unknown.
  void relation(std::int64_t rows, std::int64_t blocks);
  // After a batch of `blocks` blocks in which `updated` rows were pending.
  void took(std::chrono::microseconds time, std::int64_t blocks, std::int64_t updated);
  void failed();  // a batch with fewer rows waits for fewer locks

 private:
  std::chrono::milliseconds target_;
  std::int64_t blocks_ = 64;
  double fullest_ = 50;  // rows in a block: the most seen
  double fastest_ = 0;   // rows a millisecond: the most seen
  double rate_ = 0;      // rows a millisecond, of the last batches; 0: not known
};

}  // namespace lockstep::executor
