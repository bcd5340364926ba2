// lockstep.lock: the database of each environment. It is beside lockstep.yaml and meant to be committed.
//
// An environment's URL comes from outside and can be wrong, so the database that it leads to is compared with the pinned one.
// The first `apply --env` or `identity set` pins it. The file is YAML, with environments sorted by name, so that two writers
// produce the same bytes:
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
// No pins if there is no file. Throws UsageError that names file and line if it is damaged; nothing is guessed.
Pins read_pins(const std::string& path);
// Writes a temporary file and renames it over the old one. Throws UsageError that names the path.
void write_pins(const std::string& path, const Pins& pins);

}  // namespace lockstep::fleet
