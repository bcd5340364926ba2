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
            "SELECT (extract(epoch FROM clock_timestamp() - l.waitstart) * 1000)::bigint, "
            "CASE WHEN l.relation IS NOT NULL THEN l.relation::regclass::text WHEN l.locktype = 'transactionid' THEN 'a row' "
            "ELSE l.locktype END, l.mode, regexp_replace(h.query, '\\s+', ' ', 'g'), "
            "coalesce(h.wait_event_type || ' ' || h.wait_event, h.state) "
            "FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
            "CROSS JOIN LATERAL unnest(pg_blocking_pids(l.pid)) AS b (pid) JOIN pg_stat_activity h ON h.pid = b.pid "
            "WHERE NOT l.granted AND l.waitstart IS NOT NULL AND a.application_name = " +
            support::Sql::literal(waiting) + " AND starts_with(h.application_name, " + support::Sql::literal(blocking) +
            ") AND h.application_name <> " + support::Sql::literal(waiting) + " ORDER BY l.waitstart LIMIT 1"),
        thread_([this] { work(); }) {}
  ~Polling() override { join(); }
  Polling(const Polling&) = delete;
  Polling& operator=(const Polling&) = delete;

  LockWait stop() override {
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
        look();
        std::this_thread::sleep_for(kEvery);
      }
    } catch (const std::exception&) {
      // The server has ended; the demo reports that itself.
    }
  }

  void look() {
    const postgres::Result found = session_->execute(query_);
    if (found.size() == 0) return;
    const milliseconds time{found.integer(0, 0)};
    if (time <= longest_.time) return;
    longest_ = {time, found.text(0, 1) + " (" + found.text(0, 2) + ")", found.text(0, 3) + " (" + found.text(0, 4) + ")"};
  }

  std::unique_ptr<postgres::Session> session_;
  support::Sql query_;
  std::atomic<bool> stopping_{false};
  LockWait longest_;  // used by the thread until it is joined
  std::thread thread_;
};

}  // namespace

std::unique_ptr<LockWatch> LockWatch::start(const std::string& url, const std::string& waiting, const std::string& blocking) {
  return std::make_unique<Polling>(url, waiting, blocking);
}

}  // namespace lockstep::cli
