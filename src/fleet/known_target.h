// Is this the database that the environment is known to be? Asked before anything is planned or done.
//
// Two witnesses: lockstep.lock (which database the environment was) and the journal (where it was made). A URL that leads
// elsewhere, and a journal that was copied along with its database, are refused (exit 4) until somebody says what is true:
// `identity set`, `rebind` or `forget`.
#pragma once

#include <string>

#include "fleet/lock_file.h"
#include "postgres/session.h"

namespace lockstep::fleet {

// A place among the pins: `environment` is empty for --url, which has no pin to hold against.
struct Known {
  std::string environment;
  std::string lock_path;  // of lockstep.lock; empty: there is no configuration
};

// What is wrong, in words with what to do; empty: nothing. Reads only.
std::string wrong_target(postgres::Session& session, const Known& known);
// Throws CommandError{stale} with these words.
void require_known_target(postgres::Session& session, const Known& known);
// Throws UsageError when lockstep.lock could not be written: asked before a run, not found out after it.
void require_pinnable(const Known& known);
// Pins the environment to this database (nothing for --url). `applied` empty: leaves what the pin says. True: it is new.
bool pin(postgres::Session& session, const Known& known, const std::string& applied);

}  // namespace lockstep::fleet
