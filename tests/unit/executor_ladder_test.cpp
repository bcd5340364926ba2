#include <catch2/catch.hpp>

#include "executor/lock_ladder.h"

using lockstep::executor::LockLadder;
using std::chrono::milliseconds;

namespace {

std::vector<long> rungs(int highest, int deadlock_timeout) {
  std::vector<long> list;
  const LockLadder ladder(milliseconds(highest), milliseconds(deadlock_timeout), 0, [] { return 0.0; });
  for (const auto rung : ladder.rungs()) list.push_back(rung.count());
  return list;
}

}  // namespace

TEST_CASE("the ladder doubles up to lock_timeout and has a rung above deadlock_timeout") {
  using List = std::vector<long>;
  CHECK(rungs(2000, 1000) == List{100, 200, 400, 800, 1600, 2000});
  CHECK(rungs(500, 1000) == List{100, 200, 400, 500, 1300});
  CHECK(rungs(50, 100) == List{50, 130});
  CHECK(rungs(0, 1000) == List{1, 1300});
}

TEST_CASE("attempts are one more than retries, start over after the top, and leave others as much time as they took") {
  LockLadder ladder(milliseconds(400), milliseconds(100), 4, [] { return 0.5; });
  std::vector<std::pair<long, long>> seen;
  while (const auto attempt = ladder.next()) seen.emplace_back(attempt->pause.count(), attempt->timeout.count());
  const std::vector<std::pair<long, long>> expected = {{0, 100}, {200, 200}, {400, 400}, {800, 100}, {900, 200}};
  CHECK(seen == expected);
  CHECK(ladder.attempts() == 5);
}

TEST_CASE("pauses are bounded however long it goes on") {
  LockLadder ladder(milliseconds(2000), milliseconds(1000), 100, [] { return 0.999; });
  while (const auto attempt = ladder.next()) CHECK(attempt->pause <= milliseconds(7000));
}

TEST_CASE("where others would queue behind the request, every rung is short") {
  const auto rungs_of = [](int highest) {
    std::vector<long> list;
    const LockLadder ladder = LockLadder::of_short_rungs(milliseconds(highest), 0, [] { return 0.0; });
    for (const auto rung : ladder.rungs()) list.push_back(rung.count());
    return list;
  };
  CHECK(rungs_of(2000) == std::vector<long>{100, 150, 200, 250});
  CHECK(rungs_of(120) == std::vector<long>{100, 120, 120, 120});
  CHECK(rungs_of(0) == std::vector<long>{1, 1, 1, 1});
}
