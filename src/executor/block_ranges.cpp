#include "executor/block_ranges.h"

#include <algorithm>

namespace lockstep::executor {

std::optional<BlockRange> BlockRanges::take(std::int64_t blocks) {
  const std::lock_guard lock(mutex_);
  BlockRange range;
  if (!returned_.empty()) {
    BlockRange& rest = returned_.back();
    range = {rest.from, std::min(rest.end, rest.from + blocks)};
    rest.from = range.end;
    if (rest.from >= rest.end) returned_.pop_back();
  } else {
    if (next_ >= upper_) return std::nullopt;
    range = {next_, std::min(upper_, next_ + blocks)};
    next_ = range.end;
  }
  taken_.push_back(range);
  return range;
}

void BlockRanges::forget(const BlockRange& range) {
  std::erase_if(taken_, [&](const BlockRange& one) { return one.from == range.from; });
}

void BlockRanges::done(const BlockRange& range) {
  const std::lock_guard lock(mutex_);
  forget(range);
}

void BlockRanges::give_back(const BlockRange& range) {
  const std::lock_guard lock(mutex_);
  forget(range);
  returned_.push_back(range);
}

void BlockRanges::shorten(BlockRange& range, std::int64_t end) {
  if (end >= range.end) return;
  const std::lock_guard lock(mutex_);
  returned_.push_back({end, range.end});
  range.end = end;
}

std::int64_t BlockRanges::done_below(const BlockRange& range) const {
  const std::lock_guard lock(mutex_);
  std::int64_t lowest = next_;
  for (const BlockRange& one : taken_) {
    if (one.from != range.from) lowest = std::min(lowest, one.from);
  }
  for (const BlockRange& one : returned_) lowest = std::min(lowest, one.from);
  return lowest;
}

bool BlockRanges::left() const {
  const std::lock_guard lock(mutex_);
  return next_ < upper_ || !returned_.empty();
}

std::int64_t BlockRanges::untouched() const {
  const std::lock_guard lock(mutex_);
  return upper_ - next_;
}

}  // namespace lockstep::executor
