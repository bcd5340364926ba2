// The state of databases, for `verify` and `status`. Each is asked in turn, so that one that can't be reached doesn't hide the
// others.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/renderer.h"
#include "cli/target.h"
#include "fleet/status.h"

namespace lockstep::cli {

struct Place {
  std::string environment;  // empty: --url
  std::string problem;      // why nothing is known: there is no URL, or the database can't be reached
  fleet::Status status;     // meaningful only without a problem
};
using Places = std::vector<Place>;
// Connects to each and reads its status. If there is only one database, an error ends the command as usual.
Places ask_all(const std::vector<Work>& works, const Console& console);

// Parts of both documents.
std::string state_word(const Place& place);  // "drift", "at the gate", "open run", "pending", "in step", "never applied" …
std::string place_text(const Place& place, bool colour);
nlohmann::ordered_json place_json(const Place& place);

// What `status` and `verify` print. One file each.
extern const Renderer<Places> kStatusText, kStatusJson;
inline constexpr const Renderer<Places>* kStatusFormats[] = {&kStatusText, &kStatusJson};
extern const Renderer<Places> kVerifyText, kVerifyJson, kVerifyPrometheus;
inline constexpr const Renderer<Places>* kVerifyFormats[] = {&kVerifyText, &kVerifyJson, &kVerifyPrometheus};

}  // namespace lockstep::cli
