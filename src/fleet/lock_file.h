// lockstep.lock: which database each environment is, beside lockstep.yaml and meant to be committed.
//
// An environment's URL comes from outside and can be wrong; what it leads to is compared with what is pinned here. Pinned
// by the first `apply --env` or `identity set`. YAML, environments sorted by name, so that two writers agree to the byte:
//
//   environments:
//     prod:
//       identity: 5a0e…          # lockstep.identity of the database
//       system_identifier: "7…"  # of the cluster; empty where the server doesn't tell
//       database: shop
//       database_oid: 16384
//       applied: 9f86…           # digest of the desired state that was applied last; empty: nothing yet
#pragma once

#include <map>
#include <optional>
#include <string>

#include "executor/identity.h"

namespace lockstep::fleet {

struct Pin {
  executor::Identity identity;
  std::string applied;
  friend bool operator==(const Pin& a, const Pin& b) {
    return a.identity.id == b.identity.id && a.identity.system_identifier == b.identity.system_identifier &&
           a.identity.database == b.identity.database && a.identity.database_oid == b.identity.database_oid &&
           a.applied == b.applied;
  }
};
using Pins = std::map<std::string, Pin>;  // by environment

std::string to_text(const Pins& pins);
// No file: no pins. Throws UsageError naming file and line: it is never guessed what a damaged file meant.
Pins read_pins(const std::string& path);
// Written beside the old one and renamed over it. Throws UsageError naming the path.
void write_pins(const std::string& path, const Pins& pins);

}  // namespace lockstep::fleet
