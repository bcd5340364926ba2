// Why a backfill has to wait: for those who read its WAL (a replica that replays it late, a slot whose reader is far behind),
// for autovacuum (dead_rows.h), or because the server writes more WAL than it may.
//
// A slot that nobody reads isn't waited for: it would never catch up. Nor is a reader that replays nothing (pg_receivewal), whose
// replay_lag only grows. Asks the server twice a second at most. A role that may not
// see pg_stat_replication reads nulls and doesn't wait for replicas.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "executor/dead_rows.h"
#include "executor/executor.h"

namespace lockstep::executor {

class Pace {
 public:
  explicit Pace(const Settings& settings) : settings_(settings), dead_rows_(settings.max_dead) {}
  // "replica \"b\" is 7000 ms behind"; empty: there is nothing to wait for, or it was asked a moment ago. `relation`: the OID of
  // what is filled. Throws DatabaseError.
  std::string to_wait_for(postgres::Session& session, Clock& clock, std::int64_t relation);

 private:
  using Time = std::chrono::steady_clock::time_point;
  std::string readers(postgres::Session& session) const;
  std::string wal(postgres::Session& session, Time now);

  const Settings& settings_;
  DeadRows dead_rows_;
  Time asked_{};
  struct Wal {
    Time since;
    std::int64_t position = 0;  // in bytes
  };
  std::optional<Wal> wal_;  // from where on it is counted
};
inline constexpr std::chrono::milliseconds kPacePause{500};

}  // namespace lockstep::executor
