#include "cli/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "session/session.h"
#include "support/error.h"

namespace lockstep::cli {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Two of three requests read a page, the third updates a customer and inserts an order. Multiplying by a prime spreads
// consecutive numbers over different rows.
class EveryShop : public Application {
 public:
  bool writes(std::int64_t number) const override { return number % 3 == 2; }
  std::string statements(std::int64_t number) const override {
    const std::int64_t spread = number * 7919;
    if (!writes(number)) {
      return fmt::format(
          "SELECT title, price_cents FROM shop.product_catalogue WHERE id = {0} % 2000 + 1; "
          "SELECT email, phone, score FROM shop.customers WHERE id = {0} % 10000 + 1",
          spread);
    }
    return fmt::format(
        "BEGIN; UPDATE shop.customers SET score = (score + 1) % 100 WHERE id = {0} % 10000 + 1; "
        "INSERT INTO shop.orders (customer_id, placed_at) VALUES ({0} % 10000 + 1, '2026-03-15'); COMMIT",
        spread);
  }
};

// The SQLSTATE of "cached plan must not change result type", among others.
constexpr const char* kNotSupported = "0A000";

// One connection's part. `counted` and what it counts are shared with reports; the rest is its thread's until that is joined.
struct Worker {
  std::unique_ptr<postgres::Session> session;
  std::int64_t number = 0, stride = 1;
  std::mutex counting;
  std::vector<std::int64_t> latencies;  // µs
  std::int64_t failed = 0, replanned = 0, writes = 0;
  std::string first_error;
  std::thread thread;

  void prepare(Application& application) {
    if (!application.prepare().empty()) session->declared(support::DeclaredSql(application.prepare()));
  }

  void request(Application& application, steady_clock::time_point due) {
    std::string error;
    bool again = false;
    try {
      again = !send(application);
      application.confirmed(number);
    } catch (const std::exception& caught) {
      error = caught.what();
      session->execute("ROLLBACK");
    }
    const std::lock_guard lock(counting);
    latencies.push_back(duration_cast<microseconds>(steady_clock::now() - due).count());
    if (again) ++replanned;
    if (error.empty() && application.writes(number)) ++writes;
    if (!error.empty()) fail(error);
  }

  void fail(const std::string& error) {
    if (failed++ == 0) first_error = error;
  }

 private:
  // What drivers do: a statement that returns another type than when it was prepared is prepared again, and sent once more.
  // False: it was.
  bool send(Application& application) {
    const support::DeclaredSql sql(application.statements(number));
    try {
      session->declared(sql);
      return true;
    } catch (const support::DatabaseError& error) {
      if (error.sqlstate() != kNotSupported || application.deallocate().empty()) throw;
    }
    session->declared(support::DeclaredSql(application.deallocate()));
    prepare(application);
    session->declared(sql);
    return false;
  }
};

class Connections : public Traffic {
 public:
  Connections(const std::string& url, int connections, double rate, std::shared_ptr<Application> application)
      : application_(std::move(application)), between_(rate > 0 ? 1.0 / rate : 0) {
    for (int i = 0; i < connections; ++i) {
      workers_.push_back(std::make_unique<Worker>());
      workers_.back()->session = postgres::connect(url, kTrafficApplication);
      workers_.back()->number = i;
      workers_.back()->stride = connections;
      workers_.back()->prepare(*application_);
    }
    start_ = lap_ = steady_clock::now();
    for (const auto& worker : workers_) worker->thread = std::thread([this, &worker = *worker] { work(worker); });
  }
  ~Connections() override { join(); }
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  TrafficReport so_far() override { return report(false); }
  TrafficReport lap() override { return report(true); }
  TrafficReport stop() override {
    join();
    return report(true);
  }

 private:
  TrafficReport report(bool begin_again) {
    TrafficReport report;
    const auto now = steady_clock::now();
    report.time = duration_cast<milliseconds>(now - lap_);
    std::vector<std::int64_t> all;
    for (const auto& worker : workers_) {
      const std::lock_guard lock(worker->counting);
      all.insert(all.end(), worker->latencies.begin(), worker->latencies.end());
      report.failed += worker->failed;
      report.replanned += worker->replanned;
      report.writes += worker->writes;
      if (report.first_error.empty()) report.first_error = worker->first_error;
      if (!begin_again) continue;
      worker->latencies.clear();
      worker->failed = worker->replanned = worker->writes = 0;
    }
    if (begin_again) lap_ = now;
    report.requests = static_cast<std::int64_t>(all.size());
    std::sort(all.begin(), all.end());
    report.p50 = at(all, 0.50);
    report.p99 = at(all, 0.99);
    report.slowest = at(all, 1.0);
    return report;
  }

  static microseconds at(const std::vector<std::int64_t>& sorted, double part) {
    if (sorted.empty()) return microseconds{0};
    return microseconds{sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))]};
  }

  void join() {
    stopping_ = true;
    for (const auto& worker : workers_)
      if (worker->thread.joinable()) worker->thread.join();
  }

  void work(Worker& worker) {
    try {
      for (; !stopping_; worker.number += worker.stride) {
        auto due = steady_clock::now();
        if (between_ > 0) {
          due = start_ + duration_cast<steady_clock::duration>(
                             std::chrono::duration<double>(between_ * static_cast<double>(worker.number)));
          std::this_thread::sleep_until(due);
        }
        worker.request(*application_, due);
      }
    } catch (const std::exception& error) {  // the connection is gone, so there can be no further request
      const std::lock_guard lock(worker.counting);
      worker.fail(error.what());
    }
  }

  std::shared_ptr<Application> application_;
  steady_clock::time_point start_, lap_;
  double between_;  // seconds; 0: no pause
  std::atomic<bool> stopping_{false};
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace

double TrafficReport::per_second() const {
  return time.count() == 0 ? 0 : static_cast<double>(requests) * 1000.0 / static_cast<double>(time.count());
}

std::unique_ptr<Application> every_shop_application() {
  return std::make_unique<EveryShop>();
}

std::unique_ptr<Traffic> Traffic::start(const std::string& url, int connections, double rate,
                                        std::shared_ptr<Application> application) {
  return std::make_unique<Connections>(url, connections, rate, std::move(application));
}

}  // namespace lockstep::cli
