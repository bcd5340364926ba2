#include "plan/estimate.h"

#include <catch2/catch.hpp>

#include "plan/step.h"

using namespace lockstep;

namespace {

constexpr plan::Speeds kSpeeds{.measured = true, .why_not = "", .read = 500e6, .copy = 100e6, .index = 40e6, .update = 50e3};
constexpr plan::Bulk kBulk{.bytes = 1000 << 20, .rows = 10'000'000, .indexes = 500 << 20};

plan::Step step_of(bool rewrites, bool scans, bool builds) {
  plan::Step step;
  step.rewrites = rewrites;
  step.scans = scans;
  step.builds = builds;
  step.bytes = kBulk.bytes;
  return step;
}

}  // namespace

TEST_CASE("only steps that work through large tables have an estimate") {
  plan::Step step = step_of(false, true, false);
  CHECK(plan::is_long(step));
  step.bytes = plan::kLarge - 1;
  CHECK_FALSE(plan::is_long(step));
  step = step_of(false, false, false);
  CHECK_FALSE(plan::is_long(step));
  step.mode = plan::TransactionMode::batches;
  CHECK(plan::is_long(step));
}

TEST_CASE("what a step needs follows from what it does") {
  const plan::Estimate reads = plan::estimated(step_of(false, true, false), kBulk, kSpeeds);
  CHECK(reads.least == 1);
  CHECK(reads.most == 5);
  CHECK(reads.disk == 0);
  CHECK(reads.wal == 0);
  const plan::Estimate builds = plan::estimated(step_of(false, false, true), kBulk, kSpeeds);
  const plan::Estimate rewrites = plan::estimated(step_of(true, false, false), kBulk, kSpeeds);
  CHECK(rewrites.disk == kBulk.bytes + kBulk.indexes);
  CHECK(rewrites.wal > rewrites.disk);
  CHECK(rewrites.least < 24);
  CHECK(rewrites.most > 24);
  plan::Step step = step_of(false, true, false);
  step.mode = plan::TransactionMode::batches;
  const plan::Estimate fills = plan::estimated(step, kBulk, kSpeeds);
  CHECK(fills.least == 105);
  CHECK(fills.most == 526);
  CHECK(fills.wal > rewrites.wal);
  CHECK(builds.wal < rewrites.wal);
  step = step_of(false, false, true);
  step.mode = plan::TransactionMode::outside;
  CHECK(plan::estimated(step, kBulk, kSpeeds).most > builds.most);  // it reads the table twice
}

TEST_CASE("rows that nobody has counted are taken from the size") {
  plan::Step step = step_of(false, true, false);
  step.mode = plan::TransactionMode::batches;
  CHECK(plan::estimated(step, {.bytes = kBulk.bytes}, kSpeeds).least == 110);
}

TEST_CASE("times are said as coarsely as they are known") {
  const auto said = [](std::int64_t least, std::int64_t most) { return plan::duration_words({least, most, 0, 0}); };
  CHECK(said(1, 1) == "about 1 s");
  CHECK(said(35, 44) == "about 40 s");
  CHECK(said(38, 120) == "about 40 s to 2 min");
  CHECK(said(100, 2500) == "about 2 min to 40 min");
  CHECK(said(4000, 100000) == "about 1 h to 28 h");
  CHECK(plan::estimate_words({38, 120, std::int64_t{3} << 30, 1 << 20}) ==
        "about 40 s to 2 min; up to 3072 MB of disk, 1024 kB of WAL");
  CHECK(plan::estimate_words({1, 1, 0, 0}) == "about 1 s");
}
