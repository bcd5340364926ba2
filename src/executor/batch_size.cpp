#include "executor/batch_size.h"

#include <algorithm>
#include <cmath>

namespace lockstep::executor {

namespace {

constexpr std::int64_t kFirstBlocks = 64;
constexpr double kOvershoot = 4;             // of the duration, where full blocks follow upon empty ones
constexpr double kMoreThanFit = 1.5;         // what rows are counted for first
constexpr double kFewestRows = 100;          // of a batch whose rows are counted: a commit costs as much
constexpr double kRowsAtFirst = 1000;        // as long as no row was updated
constexpr double kUnknownRowsPerBlock = 50;  // of a table without statistics

}  // namespace

void BatchSize::relation(std::int64_t rows, std::int64_t blocks) {
  fullest_ = rows > 0 ? static_cast<double>(rows) / static_cast<double>(std::max<std::int64_t>(1, blocks)) : kUnknownRowsPerBlock;
}

std::optional<std::int64_t> BatchSize::rows_of(std::int64_t blocks) const {
  const double fit = rate_ > 0 ? std::max(kFewestRows, static_cast<double>(target_.count()) * rate_) : kRowsAtFirst;
  if (static_cast<double>(blocks) * fullest_ <= kMoreThanFit * fit) return std::nullopt;
  return std::llround(fit);
}

// By at most a factor of two at a time, since one slow batch says little.
void BatchSize::took(std::chrono::microseconds duration, std::int64_t blocks, std::int64_t updated) {
  const auto target = static_cast<double>(target_.count());
  const double time = std::max(0.001, static_cast<double>(duration.count()) / 1000);
  fullest_ = std::max(fullest_, static_cast<double>(updated) / static_cast<double>(blocks));
  const double rate = static_cast<double>(updated) / time;
  fastest_ = std::max(fastest_, rate);
  // A short batch with few rows says nothing of how slow rows are.
  if (rate > rate_ || time >= target / 2) rate_ = rate_ > 0 ? std::clamp(rate, rate_ / 2, rate_ * 2) : rate;
  const auto most = std::max(kFirstBlocks, static_cast<std::int64_t>(kOvershoot * target * fastest_ / fullest_));
  const double next = static_cast<double>(blocks) * std::clamp(target / time, 0.5, 2.0);
  blocks_ = std::clamp(static_cast<std::int64_t>(std::llround(next)), std::int64_t{1}, most);
}

void BatchSize::failed() {
  blocks_ = std::max<std::int64_t>(1, blocks_ / 2);
}

}  // namespace lockstep::executor
