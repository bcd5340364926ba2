// Simulates an application while its database is changed: timed requests of one version of it from several connections.
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
  std::int64_t replanned = 0;  // sent twice, because the result type of a prepared statement had changed
  std::int64_t writes = 0;     // those that the server has confirmed
  std::chrono::microseconds p50{0}, p99{0}, slowest{0};
  std::chrono::milliseconds time{0};
  std::string first_error;

  double per_second() const;
};

// What one version of an application sends. Called by several threads at once.
class Application {
 public:
  virtual ~Application() = default;
  virtual bool writes(std::int64_t number) const = 0;
  virtual std::string statements(std::int64_t number) const = 0;
  // What each connection sends before its first request, and what takes that back: PREPARE, DEALLOCATE.
  virtual std::string prepare() const { return ""; }
  virtual std::string deallocate() const { return ""; }
  virtual void confirmed(std::int64_t) {}  // the server has confirmed the request
};
// Reads and writes that know only what shop.schema, shop_v2.schema and shop_v3.schema all have.
std::unique_ptr<Application> every_shop_application();

class Traffic {
 public:
  // `rate`: requests a second over all connections; 0: as many as possible.
  static std::unique_ptr<Traffic> start(const std::string& url, int connections, double rate,
                                        std::shared_ptr<Application> application);
  virtual ~Traffic() = default;        // stops
  virtual TrafficReport so_far() = 0;  // since the start or the last lap()
  virtual TrafficReport lap() = 0;     // the same; the next report begins here
  virtual TrafficReport stop() = 0;    // the same; call once
};

// The application_name of its connections.
inline constexpr const char* kTrafficApplication = "lockstep demo traffic";

}  // namespace lockstep::cli
