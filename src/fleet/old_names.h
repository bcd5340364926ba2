// Who still writes through the old name of something that is renamed at a gate, as its triggers have counted it
// (docs/adr/0029).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "session/session.h"

namespace lockstep::fleet {

struct OldName {
  std::string column;                  // "shop.people.mail"
  std::int64_t writes = 0;             // rows, since both names are there
  std::chrono::seconds since_last{0};  // if there were any: how long ago the last one was, by the server's clock
  std::chrono::seconds counted{0};     // how long they have been counted
};

// Of one run; in the order of their names. Empty: it has renamed no column at a gate. Reads only; one query.
std::vector<OldName> old_names(postgres::Session& session, const std::string& run);
// "shop.people.mail: 12 rows, the last 3 s ago"; "shop.people.mail: no write"
std::string words(const OldName& name);
// Those through which the last write is not `quiet` ago, for people; empty: none, or `quiet` is zero. `at_gate`: the run has
// stood there, and somebody decides how long; otherwise a name that nobody has watched for so long isn't quiet either.
std::string not_quiet(const std::vector<OldName>& names, std::chrono::milliseconds quiet, bool at_gate);
// Throws RefusedError if there are such. REQUIRES: the run waits at the gate.
void require_quiet(const std::vector<OldName>& names, std::chrono::milliseconds quiet);

// Journals why contract comes all the same, with what was counted. REQUIRES: the run is open.
void note_still_used(postgres::Session& session, const std::string& run, const std::string& reason);

}  // namespace lockstep::fleet
