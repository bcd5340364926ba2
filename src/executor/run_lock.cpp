#include "executor/run_lock.h"

#include <algorithm>

#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::executor {

namespace {

using std::chrono::milliseconds;
using support::CommandError;
using support::ExitCode;

// "lockstep" in ASCII. Advisory locks are per database already, so one key is enough.
constexpr std::int64_t kKey = 0x6c6f636b73746570;
constexpr milliseconds kFirstPoll{10};  // usually the holder is just ending
constexpr milliseconds kLongestPoll{200};
constexpr milliseconds kOrphanPatience{10000};

class HeldLock : public RunLock {
 public:
  explicit HeldLock(postgres::Session& session) : session_(session) {}
  ~HeldLock() override {
    if (!session_.connected()) return;  // the server has released it
    try {
      session_.query("SELECT pg_catalog.pg_advisory_unlock($1)", {std::to_string(kKey)});
    } catch (const std::exception&) {  // at the latest it ends with the session
    }
  }

 private:
  postgres::Session& session_;
};

bool try_lock(postgres::Session& session) {
  return session.query("SELECT pg_catalog.pg_try_advisory_lock($1)", {std::to_string(kKey)}).boolean(0, 0);
}

std::string holder(postgres::Session& session) {
  const auto rows = session.query(
      "SELECT l.pid, coalesce(nullif(a.application_name, ''), 'unknown application'), "
      "coalesce(pg_catalog.host(a.client_addr), 'the server''s own host'), "
      "coalesce(pg_catalog.to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS\" UTC\"'), 'unknown') "
      "FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid "
      "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.classid::bigint = $1 AND l.objid::bigint = $2 "
      "AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())",
      {std::to_string(kKey >> 32), std::to_string(kKey & 0xffffffff)});
  if (rows.empty()) return "another run held the lock and has just let it go";
  return "another run holds the lock: pid " + rows.text(0, 0) + " (" + rows.text(0, 1) + ") from " + rows.text(0, 2) +
         ", connected since " + rows.text(0, 3);
}

// Statements of a killed run: its client is gone, but they may still commit.
std::string orphans(postgres::Session& session) {
  return session
      .query(
          "SELECT pg_catalog.string_agg(pid::text, ', ' ORDER BY pid) FROM pg_catalog.pg_stat_activity "
          "WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid() "
          "AND backend_type = 'client backend' AND application_name ~ '^lockstep/[0-9a-f]{8}/' "
          "AND application_name !~ '/watch$' AND state <> 'idle'",
          {})
      .text(0, 0);
}

void await_orphans(postgres::Session& session, Clock& clock) {
  milliseconds waited{0};
  for (std::string pids = orphans(session); !pids.empty(); pids = orphans(session)) {
    if (waited == kOrphanPatience) {
      session.query(
          "SELECT pg_catalog.pg_cancel_backend(pid::pg_catalog.int4) FROM pg_catalog.string_to_table($1, ', ') AS orphan (pid)",
          {pids});
    }
    if (waited >= 2 * kOrphanPatience) {
      throw CommandError(ExitCode::locked, "a statement of an earlier run is still going on (pid " + pids +
                                               ") and doesn't end when cancelled: end it with pg_terminate_backend, then run "
                                               "the same command again");
    }
    clock.sleep(kLongestPoll);
    waited += kLongestPoll;
  }
}

}  // namespace

std::unique_ptr<RunLock> RunLock::acquire(postgres::Session& session, Clock& clock, milliseconds patience) {
  milliseconds pause = kFirstPoll;
  for (milliseconds waited{0}; !try_lock(session); waited += pause, pause = std::min(kLongestPoll, pause * 2)) {
    if (waited >= patience) {
      throw CommandError(ExitCode::locked, holder(session) +
                                               ".\nNothing was changed. Wait for it to end; if its client is gone, "
                                               "end it with pg_terminate_backend");
    }
    clock.sleep(pause);
  }
  auto lock = std::make_unique<HeldLock>(session);
  await_orphans(session, clock);
  return lock;
}

}  // namespace lockstep::executor
