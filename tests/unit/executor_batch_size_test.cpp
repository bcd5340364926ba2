#include <catch2/catch.hpp>

#include "executor/batch_size.h"
#include "executor/block_ranges.h"

using lockstep::executor::BatchSize;
using lockstep::executor::BlockRanges;
using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST_CASE("rows are counted first where full blocks would have more than fit in the duration") {
  BatchSize size(milliseconds(25));
  size.relation(50000, 1000);
  CHECK(size.rows_of(size.blocks()) == 1000);  // nothing is known of its speed
  for (int i = 0; i < 20; ++i) size.took(milliseconds(25), size.blocks(), 1000);
  CHECK(size.blocks() == 64);
  CHECK(size.rows_of(64) == 1000);  // a third of what full blocks would have
  CHECK_FALSE(size.rows_of(20).has_value());
}

TEST_CASE("a short batch with few rows doesn't count as a slow one, a long one does") {
  BatchSize size(milliseconds(25));
  size.relation(50000, 1000);
  size.took(milliseconds(20), 40, 2000);
  REQUIRE(size.rows_of(1000) == 2500);
  size.took(microseconds(500), 64, 3);
  CHECK(size.rows_of(1000) == 2500);
  size.took(milliseconds(250), 64, 500);
  CHECK(size.rows_of(1000) == 1250);  // by half at most at a time
}

TEST_CASE("what a range is shortened by is handed out again") {
  BlockRanges ranges(0, 100);
  auto range = *ranges.take(60);
  ranges.shorten(range, 10);
  CHECK(range.end == 10);
  CHECK(ranges.done_below(range) == 10);
  ranges.done(range);
  const auto next = *ranges.take(60);
  CHECK(next.from == 10);
  CHECK(next.end == 60);
  CHECK(ranges.done_below(next) == 60);
}
