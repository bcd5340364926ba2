// How long a step works, and how much disk and write-ahead log it needs: estimates, for people, from the sizes of its tables and
// the speed of the server (docs/adr/0037). Nothing is decided by them.
#pragma once

#include <cstdint>
#include <string>

namespace lockstep::plan {

struct Step;

// Of this server, as far as a probe can tell; the defaults are those of a slow one.
struct Speeds {
  bool measured = false;
  std::string why_not;   // "the role may not make temporary tables": only where it is not measured
  double read = 200e6;   // bytes of a table a second
  double copy = 40e6;    // bytes of a table a second, into a new one
  double index = 15e6;   // bytes of an index a second, with the sorting
  double update = 20e3;  // rows a second
  friend bool operator==(const Speeds&, const Speeds&) = default;
};

// Of one table, with its partitions.
struct Bulk {
  std::int64_t bytes = 0;    // of the heap
  std::int64_t rows = 0;     // 0: unknown
  std::int64_t indexes = 0;  // bytes of all indexes
};

struct Estimate {
  std::int64_t least = 0, most = 0;  // seconds; both 0: there is no estimate
  std::int64_t disk = 0;             // bytes more than before, at most, as long as it works
  std::int64_t wal = 0;              // bytes written, at most
  friend bool operator==(const Estimate&, const Estimate&) = default;
  bool empty() const { return *this == Estimate(); }
};

// Whether the step works through tables that are large enough to say how long that takes.
bool is_long(const Step& step);
// REQUIRES: is_long(step). `bulk`: of the tables that it works through.
Estimate estimated(const Step& step, const Bulk& bulk, const Speeds& speeds);

// "about 40 s", "about 40 s to 2 min"
std::string duration_words(const Estimate& estimate);
// "about 40 s; up to 1.2 GB of disk, 1.2 GB of WAL"
std::string estimate_words(const Estimate& estimate);

}  // namespace lockstep::plan
