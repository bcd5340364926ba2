// An application at work while its database is changed: requests of the demo shop's previous version from several
// connections, timed.
//
// Open loop: each request has a time at which it is due, whatever became of the one before it, and its latency counts from
// then. A stall of a second is so seen by every request that was due in it, and not by the one that happened to wait.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::cli {

struct TrafficReport {
  std::int64_t requests = 0;  // begun, failed ones included
  std::int64_t failed = 0;
  std::int64_t orders_inserted = 0;
  std::chrono::microseconds p50{0}, p99{0}, slowest{0};
  std::chrono::milliseconds time{0};
  std::string first_error;

  double per_second() const;
};

class Traffic {
 public:
  // `rate`: requests a second over all connections; 0: as many as they can.
  static std::unique_ptr<Traffic> start(const std::string& url, int connections, double rate);
  virtual ~Traffic() = default;      // stops
  virtual TrafficReport stop() = 0;  // call once
};

// The application_name of its connections.
inline constexpr const char* kTrafficApplication = "lockstep demo traffic";

}  // namespace lockstep::cli
