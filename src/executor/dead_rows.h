// Whether a backfill has to wait for autovacuum, because too many rows of the table that it fills are dead.
//
// It waits only for what comes: not where autovacuum is off, not for a worker that hasn't come after two of autovacuum's naps,
// and not for dead rows that a vacuum has left (an old snapshot keeps them). From there it counts anew.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "session/session.h"

namespace lockstep::executor {

class DeadRows {
 public:
  // `percent`: of the live rows, as the server's statistics count both.
  explicit DeadRows(int percent) : percent_(percent) {}
  // "30 of 100 rows are dead, autovacuum is at work"; empty: go on. `relation`: its OID. Throws DatabaseError.
  std::string to_wait_for(postgres::Session& session, std::chrono::steady_clock::time_point now, std::int64_t relation);

 private:
  int percent_;
  std::int64_t relation_ = 0;
  std::int64_t accepted_ = 0;                                   // dead rows that nobody is waited for
  std::int64_t vacuums_ = 0;                                    // of the relation, when it was asked last
  std::optional<std::chrono::steady_clock::time_point> since_;  // it waits for a worker to come
};

}  // namespace lockstep::executor
