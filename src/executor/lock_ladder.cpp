#include "executor/lock_ladder.h"

#include <algorithm>
#include <memory>
#include <random>

namespace lockstep::executor {

namespace {

constexpr LockLadder::Milliseconds kFirstRung{100};
constexpr LockLadder::Milliseconds kLongestPause{5000};

}  // namespace

LockLadder::LockLadder(Milliseconds highest, Milliseconds deadlock_timeout, int retries, std::function<double()> random)
    : retries_(std::max(retries, 0)), random_(std::move(random)) {
  for (Milliseconds rung = kFirstRung; rung < highest; rung *= 2) rungs_.push_back(rung);
  rungs_.push_back(std::max(highest, Milliseconds(1)));
  if (rungs_.back() < above(deadlock_timeout)) rungs_.push_back(above(deadlock_timeout));
}

LockLadder::LockLadder(std::vector<Milliseconds> rungs, int retries, std::function<double()> random)
    : rungs_(std::move(rungs)), retries_(std::max(retries, 0)), random_(std::move(random)) {}

LockLadder LockLadder::of_short_rungs(Milliseconds highest, int retries, std::function<double()> random) {
  std::vector<Milliseconds> rungs;
  for (const int rung : {100, 150, 200, 250})
    rungs.push_back(std::clamp(Milliseconds(rung), Milliseconds(1), std::max(highest, Milliseconds(1))));
  return LockLadder(std::move(rungs), retries, std::move(random));
}

std::optional<LockLadder::Attempt> LockLadder::next() {
  if (attempts_ > retries_) return std::nullopt;
  const auto index = static_cast<std::size_t>(attempts_);
  Attempt attempt;
  attempt.timeout = rungs_[index % rungs_.size()];
  if (attempts_ > 0) {
    const Milliseconds last = rungs_[(index - 1) % rungs_.size()];
    const Milliseconds bound = std::min<Milliseconds>(kLongestPause, kFirstRung * (1LL << std::min(attempts_, 10)));
    attempt.pause = last + Milliseconds(static_cast<std::int64_t>(random_() * static_cast<double>(bound.count())));
  }
  ++attempts_;
  return attempt;
}

std::function<double()> system_random() {
  auto engine = std::make_shared<std::mt19937_64>(std::random_device{}());
  return [engine] { return std::uniform_real_distribution<double>(0, 1)(*engine); };
}

}  // namespace lockstep::executor
