// An application at work while its database is changed: small transactions of the demo shop's previous version, one after
// the other on a connection of its own, timed.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace lockstep::cli {

struct TrafficReport {
  std::int64_t transactions = 0;
  std::int64_t failed = 0;
  std::int64_t orders_inserted = 0;
  std::chrono::milliseconds slowest{0};
  std::string first_error;
};

class Traffic {
 public:
  static std::unique_ptr<Traffic> start(const std::string& url);
  virtual ~Traffic() = default;      // stops
  virtual TrafficReport stop() = 0;  // call once
};

}  // namespace lockstep::cli
