#include "cli/traffic.h"

#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "postgres/session.h"
#include "support/error.h"

namespace lockstep::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// What both versions of the shop's application do: read a page, touch a customer, take an order.
std::string transaction(std::int64_t round) {
  return fmt::format(
      "BEGIN; SELECT title, price_cents FROM shop.product_catalogue WHERE id = {0} % 2000 + 1; "
      "UPDATE shop.customers SET score = (score + 1) % 100 WHERE id = {0} % 1000 + 1; "
      "INSERT INTO shop.orders (customer_id, placed_at) VALUES ({0} % 1000 + 1, '2026-03-15'); COMMIT",
      round * 7919);
}

class BackgroundTraffic : public Traffic {
 public:
  explicit BackgroundTraffic(const std::string& url) : session_(postgres::connect(url, "lockstep demo traffic")) {
    session_->execute("SET lock_timeout = 0");
    thread_ = std::thread([this] { work(); });
  }
  ~BackgroundTraffic() override { join(); }

  TrafficReport stop() override {
    join();
    return report_;
  }

 private:
  void join() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }

  void work() {
    for (std::int64_t round = 0; !stopping_; ++round) {
      const auto start = steady_clock::now();
      try {
        ++report_.transactions;
        session_->execute(transaction(round));
        ++report_.orders_inserted;
      } catch (const std::exception& error) {
        if (report_.failed++ == 0) report_.first_error = error.what();
        if (!roll_back()) return;
      }
      report_.slowest = std::max(report_.slowest, std::chrono::duration_cast<milliseconds>(steady_clock::now() - start));
      std::this_thread::sleep_for(milliseconds(3));
    }
  }

  bool roll_back() {
    try {
      session_->execute("ROLLBACK");
      return true;
    } catch (const support::DatabaseError&) {
      return false;  // the connection is gone; the report says so
    }
  }

  std::unique_ptr<postgres::Session> session_;
  std::atomic<bool> stopping_{false};
  TrafficReport report_;  // the thread's until it is joined
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Traffic> Traffic::start(const std::string& url) {
  return std::make_unique<BackgroundTraffic>(url);
}

}  // namespace lockstep::cli
