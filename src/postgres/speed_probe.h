// Measures how fast this server works, by a temporary table of Lockstep's own in a transaction that is rolled back
// (docs/adr/0037). It takes about 100 ms and a fixed number of round trips.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plan/estimate.h"
#include "session/session.h"

namespace lockstep::postgres {

// Not measured, with the reason, on a standby, where transactions are read-only, where the role may not make temporary tables,
// and where an event trigger would run code of others. Five round trips at most.
plan::Speeds measure_speeds(Session& session);

// Sizes and rows of these relations (qualified names), partitions included; those that don't exist are missing. One round trip.
std::map<std::string, plan::Bulk> bulk_of(Session& session, const std::vector<std::string>& relations);

}  // namespace lockstep::postgres
