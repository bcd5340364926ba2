#include "cli/lock_watch.h"

#include <atomic>
#include <thread>

#include "session/session.h"
#include "support/sql_text.h"

namespace lockstep::cli {
namespace {

using std::chrono::milliseconds;

class Polling : public LockWatch {
 public:
  Polling(const std::string& url, const std::string& waiting, const std::string& blocking)
      : session_(postgres::connect(url, "lockstep demo lock watch")),
        query_(
            "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - l.waitstart) * 1000), 0)::bigint "
            "FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE NOT l.granted AND a.application_name = " +
            support::Sql::literal(waiting) +
            " AND EXISTS (SELECT FROM unnest(pg_blocking_pids(l.pid)) AS b (pid) JOIN pg_stat_activity h ON h.pid = b.pid "
            "WHERE starts_with(h.application_name, " +
            support::Sql::literal(blocking) + ") AND h.application_name <> " + support::Sql::literal(waiting) + ")"),
        thread_([this] { work(); }) {}
  ~Polling() override { join(); }
  Polling(const Polling&) = delete;
  Polling& operator=(const Polling&) = delete;

  milliseconds stop() override {
    join();
    return longest_;
  }

 private:
  void join() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }

  void work() {
    constexpr milliseconds kEvery{20};
    try {
      while (!stopping_) {
        longest_ = std::max(longest_, milliseconds{session_->execute(query_).integer(0, 0)});
        std::this_thread::sleep_for(kEvery);
      }
    } catch (const std::exception&) {
      // The server has ended; the demo reports that itself.
    }
  }

  std::unique_ptr<postgres::Session> session_;
  support::Sql query_;
  std::atomic<bool> stopping_{false};
  milliseconds longest_{0};  // used by the thread until it is joined
  std::thread thread_;
};

}  // namespace

std::unique_ptr<LockWatch> LockWatch::start(const std::string& url, const std::string& waiting, const std::string& blocking) {
  return std::make_unique<Polling>(url, waiting, blocking);
}

}  // namespace lockstep::cli
