// lockstep.yaml as a value: where the schema files are, and the environments with one database each.
//
// Nothing is ignored: a key that is unknown, given twice or of the wrong type is an error at its line and column, and so is a
// key that is documented but not implemented yet. All errors of the file are reported together (exit 64).
// URLs contain secrets: they are stored unexpanded, and only that of the environment in use is expanded.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "executor/executor.h"
#include "fleet/hooks.h"
#include "fleet/protection.h"
#include "fleet/requirements.h"
#include "support/diagnostic.h"

namespace lockstep::fleet {

// A scalar of the file and its place.
struct Located {
  std::string text;
  support::Span span;
};

struct Environment {
  std::string name;
  Located url;                                   // as written: "${DATABASE_URL}"
  std::map<std::string, std::string> variables;  // these override those of the file
  executor::Settings settings;                   // lock:, backfill:, backup:
  std::optional<std::chrono::hours> keep_backups;
  std::optional<std::chrono::hours> rehearsed_within;  // a run asks that a backup was rehearsed within that time
  std::vector<std::string> backup_also;                // commands that make other backups
  bool gates = false;                                  // apply stops before the first contract step
  std::chrono::milliseconds quiet{0};                  // contract asks that nobody wrote through an old name for so long
  std::chrono::seconds hold{0};                        // after contract: what goes is only hidden for so long
  Located after;                                       // the environment that gets the same declarations first; empty: none
  bool attested = false;                               // `evidence: attestation`: the journal of `after` is not asked
  Requirements required;
  bool confirm_name = false;  // the question before a run is answered by the environment's name
  Hooks hooks;
  Protection protection;
};

// The first of the rules that a person can't set aside, "protect"; empty: it has none.
std::string rule_of(const Environment& environment);

struct Configuration {
  std::string path;  // of the file itself; paths in it are relative to its folder
  std::vector<Located> schema;
  std::map<std::string, std::string> variables;
  std::vector<std::string> binaries;  // postgres.bindirs
  Located shadow;                     // as written: embedded, same-server or a URL, which is a secret; empty: not set
  std::optional<std::chrono::milliseconds> shadow_timeout;  // of one statement on a scratch database
  std::string approvers;                                    // the folder of the approvers' public keys
  std::vector<Environment> environments;

  const Environment* find(const std::string& name) const;  // nullptr: no such environment
  std::string folder() const;                              // of the file; empty: the current one
  std::string lock_path() const;                           // of lockstep.lock, in the same folder
};

Configuration read_configuration(const support::SourcePtr& source, support::Diagnostics& diagnostics);

// "12h", "30d", "8w"; nullopt: another text.
std::optional<std::chrono::hours> age_of(std::string_view text);

// "90s", "30min", "24h", "7d", a second to a year; nullopt: another text.
std::optional<std::chrono::seconds> hold_of(std::string_view text);

// "200ms", "2s", "1min", at most a day; nullopt: another text.
std::optional<std::chrono::milliseconds> time_of(std::string_view text);

// "512MB", "4GB" in PostgreSQL's units (kB, MB, GB, TB), or "0"; nullopt: another text.
std::optional<std::int64_t> size_of(std::string_view text);

// Looks up a variable of the process environment; an argument, so that tests can replace it.
using Lookup = std::function<std::optional<std::string>(const std::string&)>;
// The value with ${NAME} replaced; any other `$` stays. An undefined name is an error at its place (whose message never
// contains the value).
std::string expand(const Located& value, const Lookup& lookup, support::Diagnostics& diagnostics);

}  // namespace lockstep::fleet
