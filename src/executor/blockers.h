// Who stands in the way of a lock, in words for a person. Never shows queries: they hold other people's data.
#pragma once

#include <string>

#include "plan/step.h"
#include "postgres/session.h"

namespace lockstep::executor {

// What the backend `pid` waits for right now: "pid 4711 (psql, alice, idle in transaction for 35 s)". Empty: nothing.
std::string blockers_of(postgres::Session& session, int pid);

// Transactions older than a second that hold a lock the step's own would conflict with. A request queued behind one makes
// everybody else queue behind the request, so they are waited for before asking. Autovacuum doesn't count: it gives way.
std::string old_conflicts(postgres::Session& session, const plan::Step& step);

}  // namespace lockstep::executor
