// Checks, before anything is planned or done, that a database is the one that the environment is known to be.
//
// Two records are compared: lockstep.lock (the environment's database) and the journal (where it was created). A URL that leads
// to another database, and a journal that was copied with its database, are refused (exit 4) until somebody decides with
// `identity set`, `rebind` or `forget`.
#pragma once

#include <map>
#include <string>

#include "fleet/lock_file.h"
#include "session/session.h"

namespace lockstep::fleet {

// The environment and its pin. `environment` is empty for --url, for which nothing is pinned.
struct Known {
  std::string environment;
  std::string lock_path;  // of lockstep.lock; empty: there is no configuration
  // For --url: the environments that have rules of their own, with the first of these: "protect".
  std::map<std::string, std::string> ruled = {};
};

// What is wrong and what to do about it; empty: nothing. Reads only.
std::string wrong_target(postgres::Session& session, const Known& known);
// Throws CommandError{stale} with that text.
void require_known_target(postgres::Session& session, const Known& known);
// The same for what changes a database: --url leads round the rules of no environment that is pinned to it. Throws RefusedError.
void require_target_to_change(postgres::Session& session, const Known& known);
// Throws UsageError if lockstep.lock can't be written. Called before a run, so that the run doesn't fail at its end.
void require_pinnable(const Known& known);
// Pins the environment to this database (does nothing for --url). `applied` empty: keeps the pin's value. Returns whether the
// pin is new.
bool pin(postgres::Session& session, const Known& known, const std::string& applied);

}  // namespace lockstep::fleet
