// Simulates an application while its database is changed: timed requests of the demo shop's previous version from several
// connections.
//
// Open loop: each request has a due time, independent of the request before it, and its latency is measured from then. So a
// stall of a second shows in every request that was due in it, not only in the one that happened to wait.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::cli {

struct TrafficReport {
  std::int64_t requests = 0;  // started, including failed ones
  std::int64_t failed = 0;
  std::int64_t orders_inserted = 0;
  std::chrono::microseconds p50{0}, p99{0}, slowest{0};
  std::chrono::milliseconds time{0};
  std::string first_error;

  double per_second() const;
};

class Traffic {
 public:
  // `rate`: requests a second over all connections; 0: as many as possible.
  static std::unique_ptr<Traffic> start(const std::string& url, int connections, double rate);
  virtual ~Traffic() = default;      // stops
  virtual TrafficReport stop() = 0;  // call once
};

// The application_name of its connections.
inline constexpr const char* kTrafficApplication = "lockstep demo traffic";

}  // namespace lockstep::cli
