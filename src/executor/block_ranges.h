// Hands out the blocks of one pass over a relation to those who update them, in ranges, and knows below which block all is done.
//
// Thread-safe: the working thread and its helpers take ranges at the same time.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace lockstep::executor {

struct BlockRange {
  std::int64_t from = 0, end = 0;  // `end` is the first block behind it
};

class BlockRanges {
 public:
  BlockRanges(std::int64_t next, std::int64_t upper) : next_(next), upper_(upper) {}

  // At most `blocks` blocks that nobody has; nullopt: there are none now. What was given back comes first.
  std::optional<BlockRange> take(std::int64_t blocks);
  // Gives back the blocks of the range from `end` on. REQUIRES: it was taken and is neither done nor given back.
  void shorten(BlockRange& range, std::int64_t end);
  // The range is done, or was rolled back. REQUIRES: it was taken and is neither yet.
  void done(const BlockRange& range);
  void give_back(const BlockRange& range);
  // The first block that isn't done, if `range` counts as done: where the next attempt has to begin.
  std::int64_t done_below(const BlockRange& range) const;
  bool left() const;               // whether take() would find something
  std::int64_t untouched() const;  // blocks that nobody has taken yet

 private:
  void forget(const BlockRange& range);

  mutable std::mutex mutex_;
  std::int64_t next_, upper_;
  std::vector<BlockRange> taken_, returned_;
};

}  // namespace lockstep::executor
