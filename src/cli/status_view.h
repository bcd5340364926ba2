// The state of databases, for `verify` and `status`. Each is asked in turn, so that one that can't be reached doesn't hide the
// others.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/target.h"
#include "fleet/status.h"

namespace lockstep::cli {

struct Place {
  std::string environment;  // empty: --url
  std::string problem;      // why nothing is known: there is no URL, or the database can't be reached
  fleet::Status status;     // meaningful only without a problem
};
// Connects to each and reads its status. If there is only one database, an error ends the command as usual.
std::vector<Place> ask_all(const std::vector<Work>& works, const Console& console);

std::string short_time(const std::string& iso);  // "2026-11-23T10:15:00.123456Z" → "2026-11-23 10:15:00 UTC"
std::string run_name(const std::string& uuid);   // its first 8 characters
std::string state_word(const Place& place);      // "drift", "open run", "pending", "in step", "never applied" …
std::string status_text(const Place& place, bool colour);
nlohmann::ordered_json status_json(const Place& place);

}  // namespace lockstep::cli
