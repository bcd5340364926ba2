// Finds who blocks a lock request. The texts never contain queries, since these contain other people's data.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "plan/step.h"
#include "session/session.h"

namespace lockstep::executor {

// What the backend `pid` is waiting for: "pid 4711 (psql, alice, idle in transaction for 35 s)". Empty: nothing.
std::string blockers_of(postgres::Session& session, int pid);

// A transaction, possibly a prepared one, with a lock that conflicts with one that the step needs.
struct Conflict {
  std::string transaction;                       // virtual transaction id; for a prepared one "-1/" and its id
  std::string who;                               // as above
  bool autovacuum = false;                       // its lock is given up once a request has waited for deadlock_timeout
  std::optional<std::chrono::milliseconds> age;  // of the transaction; none: this role may not see it (pg_read_all_stats)
};
// Transactions that conflict with the step's locks. A request queued behind one of them would make everybody else queue behind
// the request, so the executor waits for them before it requests. The locks are those seen in the proof, those of the step's
// losses and those under which its expectations are compared.
std::vector<Conflict> conflicts_with(postgres::Session& session, const plan::Step& step);

}  // namespace lockstep::executor
