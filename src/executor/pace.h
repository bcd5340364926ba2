// Why a backfill has to wait for those who read its WAL: a replica that replays it late, a slot whose reader is far behind.
//
// A slot that nobody reads isn't waited for: it would never catch up. Nor is a reader that replays nothing (pg_receivewal), whose
// replay_lag only grows. Asks the server twice a second at most. A role that may not
// see pg_stat_replication reads nulls and doesn't wait for replicas.
#pragma once

#include <chrono>
#include <string>

#include "executor/executor.h"

namespace lockstep::executor {

class Pace {
 public:
  explicit Pace(const Settings& settings) : settings_(settings) {}
  // "replica \"b\" is 7000 ms behind"; empty: nobody is too far behind, or it was asked a moment ago. Throws DatabaseError.
  std::string too_far_behind(postgres::Session& session, Clock& clock);

 private:
  const Settings& settings_;
  std::chrono::steady_clock::time_point asked_{};
};
inline constexpr std::chrono::milliseconds kPacePause{500};

}  // namespace lockstep::executor
