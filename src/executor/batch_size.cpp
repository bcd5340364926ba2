#include "executor/batch_size.h"

#include <algorithm>
#include <cmath>

namespace lockstep::executor {

namespace {

constexpr std::int64_t kFirstBlocks = 64;
constexpr double kOvershoot = 4;             // of the duration, where full blocks follow upon empty ones
constexpr double kUnknownRowsPerBlock = 50;  // of a table without statistics

}  // namespace

void BatchSize::relation(std::int64_t rows, std::int64_t blocks) {
  fullest_ = rows > 0 ? static_cast<double>(rows) / static_cast<double>(std::max<std::int64_t>(1, blocks)) : kUnknownRowsPerBlock;
}

// By at most a factor of two at a time, since one slow batch says little.
void BatchSize::took(std::chrono::microseconds duration, std::int64_t blocks, std::int64_t updated) {
  const auto target = static_cast<double>(target_.count());
  const double time = std::max(0.001, static_cast<double>(duration.count()) / 1000);
  fullest_ = std::max(fullest_, static_cast<double>(updated) / static_cast<double>(blocks));
  fastest_ = std::max(fastest_, static_cast<double>(updated) / time);
  const auto most = std::max(kFirstBlocks, static_cast<std::int64_t>(kOvershoot * target * fastest_ / fullest_));
  const double next = static_cast<double>(blocks_) * std::clamp(target / time, 0.5, 2.0);
  blocks_ = std::clamp(static_cast<std::int64_t>(std::llround(next)), std::int64_t{1}, most);
}

void BatchSize::failed() {
  blocks_ = std::max<std::int64_t>(1, blocks_ / 2);
}

}  // namespace lockstep::executor
