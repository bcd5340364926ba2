// The last applied state of a database: what Lockstep left behind, object by object, and which database that is.
// An undeclared object is dropped only if it is in here; drift is live against this.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "postgres/session.h"

namespace lockstep::executor {

struct AppliedState {
  std::string run;                             // uuid of the run that was verified last
  std::string fingerprint;                     // of the whole managed part
  std::map<std::string, std::string> objects;  // to_string(ObjectId) → fingerprint
};
// nullopt: never applied, or no run was ever verified.
std::optional<AppliedState> applied_state(postgres::Session& session);

// Written when a run is verified: replaces the state as a whole, in one transaction with its journal event.
void record_applied(postgres::Session& session, const std::string& run_id, const std::string& fingerprint,
                    const std::vector<std::pair<std::string, std::string>>& objects);

// Which database this is: a random uuid made with schema `lockstep`, and where it was made. A copy of the database has the
// same uuid under another oid or system identifier.
struct Identity {
  std::string id;
  std::string system_identifier;
  std::string database;
  std::int64_t database_oid = 0;
};
std::optional<Identity> identity(postgres::Session& session);

}  // namespace lockstep::executor
