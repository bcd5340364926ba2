// Checks of a database that are cheap and read-only. `check` runs them before anybody plans.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "fleet/known_target.h"
#include "session/session.h"

namespace lockstep::fleet {

enum class Verdict { good, warning, bad };

struct Finding {
  std::string check;  // "version", "privileges", "identity" …: stable, for scripts
  Verdict verdict = Verdict::good;
  std::string text;  // one line for a person
};

// One or more findings a check, in a fixed order. `bad`: an apply would fail. `max_replica_lag`: of the environment.
std::vector<Finding> checkup(postgres::Session& session, const Known& known, std::chrono::milliseconds max_replica_lag);
// Whether backups can be written to the folder, and whether it has space for what this database could lose. Writes nothing.
Finding backup_target(const std::string& folder, std::int64_t database_bytes);
std::int64_t database_bytes(postgres::Session& session);

}  // namespace lockstep::fleet
