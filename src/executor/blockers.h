// Who stands in the way of a lock, in words for a person. Never shows queries: they hold other people's data.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "plan/step.h"
#include "postgres/session.h"

namespace lockstep::executor {

// What the backend `pid` waits for right now: "pid 4711 (psql, alice, idle in transaction for 35 s)". Empty: nothing.
std::string blockers_of(postgres::Session& session, int pid);

// A transaction that holds a lock one of the step's own would conflict with; prepared transactions too.
struct Conflict {
  std::string transaction;                       // virtual transaction id; of a prepared one "-1/" and its id
  std::string who;                               // as above
  bool autovacuum = false;                       // gives way to a request that has waited for deadlock_timeout
  std::optional<std::chrono::milliseconds> age;  // of the transaction; none: this role may not see it (pg_read_all_stats)
};
// A request queued behind one makes everybody else queue behind the request, so they are waited for before asking. The locks
// are those seen in the proof, those of what the step loses and those under which its relations are looked at.
std::vector<Conflict> conflicts_with(postgres::Session& session, const plan::Step& step);

}  // namespace lockstep::executor
