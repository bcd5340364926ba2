#include "cli/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "session/session.h"
#include "support/error.h"

namespace lockstep::cli {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// The requests of both versions of the shop's application: two of three read a page, the third updates a customer and inserts
// an order. Multiplying by a prime spreads consecutive numbers over different rows.
bool writes(std::int64_t number) {
  return number % 3 == 2;
}
std::string statements(std::int64_t number) {
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

// One connection's part. Used by its thread until that is joined.
struct Worker {
  std::unique_ptr<postgres::Session> session;
  std::int64_t number, stride;
  std::vector<std::int64_t> latencies;  // µs
  std::int64_t failed = 0, orders = 0;
  std::string first_error;
  std::thread thread;

  void request(steady_clock::time_point due) {
    try {
      session->declared(support::DeclaredSql(statements(number)));
      if (writes(number)) ++orders;
    } catch (const std::exception& error) {
      if (failed++ == 0) first_error = error.what();
      session->execute("ROLLBACK");
    }
    latencies.push_back(duration_cast<microseconds>(steady_clock::now() - due).count());
  }
};

class Connections : public Traffic {
 public:
  Connections(const std::string& url, int connections, double rate)
      : start_(steady_clock::now()), between_(rate > 0 ? 1.0 / rate : 0) {
    workers_.resize(static_cast<std::size_t>(connections));
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      workers_[i].session = postgres::connect(url, kTrafficApplication);
      workers_[i].number = static_cast<std::int64_t>(i);
      workers_[i].stride = connections;
    }
    start_ = steady_clock::now();
    for (Worker& worker : workers_) worker.thread = std::thread([this, &worker] { work(worker); });
  }
  ~Connections() override { join(); }
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  TrafficReport stop() override {
    join();
    TrafficReport report;
    report.time = duration_cast<milliseconds>(steady_clock::now() - start_);
    std::vector<std::int64_t> all;
    for (const Worker& worker : workers_) {
      all.insert(all.end(), worker.latencies.begin(), worker.latencies.end());
      report.failed += worker.failed;
      report.orders_inserted += worker.orders;
      if (report.first_error.empty()) report.first_error = worker.first_error;
    }
    report.requests = static_cast<std::int64_t>(all.size());
    std::sort(all.begin(), all.end());
    report.p50 = at(all, 0.50);
    report.p99 = at(all, 0.99);
    report.slowest = at(all, 1.0);
    return report;
  }

 private:
  static microseconds at(const std::vector<std::int64_t>& sorted, double part) {
    if (sorted.empty()) return microseconds{0};
    return microseconds{sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))]};
  }

  void join() {
    stopping_ = true;
    for (Worker& worker : workers_)
      if (worker.thread.joinable()) worker.thread.join();
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
        worker.request(due);
      }
    } catch (const std::exception& error) {  // the connection is gone, so there can be no further request
      ++worker.failed;
      if (worker.first_error.empty()) worker.first_error = error.what();
    }
  }

  steady_clock::time_point start_;
  double between_;  // seconds; 0: no pause
  std::atomic<bool> stopping_{false};
  std::vector<Worker> workers_;
};

}  // namespace

double TrafficReport::per_second() const {
  return time.count() == 0 ? 0 : static_cast<double>(requests) * 1000.0 / static_cast<double>(time.count());
}

std::unique_ptr<Traffic> Traffic::start(const std::string& url, int connections, double rate) {
  return std::make_unique<Connections>(url, connections, rate);
}

}  // namespace lockstep::cli
