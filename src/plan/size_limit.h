// How large a table may be for a statement that reads or copies all of it while others wait (docs/adr/0036).
#pragma once

#include <cstdint>
#include <string>

namespace lockstep::plan {

// From this size on, what is done beside the traffic is worth its steps, and the plan says how long a step takes. A rewrite of
// less takes some tenths of a second, which is what a lock may be held for (docs/zero-downtime.md).
constexpr std::int64_t kLarge = std::int64_t{16} << 20;
// A table that was smaller than kLarge when the plan was made may have grown to this. Twice as much, so that a table near the
// border doesn't make plans stale that are a few rows old.
constexpr std::int64_t kGrownTooFar = 2 * kLarge;

// A table that was small when the plan was made, which is why the step may read or copy it while others wait.
struct SizeLimit {
  std::string relation;    // qualified, under its name at the step's turn
  std::int64_t bytes = 0;  // of the heap, partitions included, when the plan was made
  std::int64_t most = 0;   // the step is refused if it has more
  friend bool operator==(const SizeLimit&, const SizeLimit&) = default;
};

// "1234 MB"
std::string size_text(std::int64_t bytes);

}  // namespace lockstep::plan
