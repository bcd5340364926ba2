// The last applied state of a database: what Lockstep left behind, object by object.
// Drift is live against this; what is pending is the declaration against this.
//
// The executor keeps the texts and knows nothing of kinds: what is in them is reconciler/state.h's.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "postgres/session.h"

namespace lockstep::executor {

struct AppliedState {
  std::string run;                             // uuid of the run that was verified last
  std::string at;                              // when, ISO 8601 UTC
  std::string fingerprint;                     // of the whole managed part, as desired
  std::string scope;                           // what of the database is managed; empty: recorded by journal format 1
  std::map<std::string, std::string> objects;  // to_string(ObjectId) → the object as read back from live; empty as above

  bool complete() const { return !scope.empty(); }
};
// nullopt: never applied, or no run was ever verified.
std::optional<AppliedState> applied_state(postgres::Session& session);

// Written when a run is verified: replaces the state as a whole, in one transaction with its journal event, which holds
// the digest of the objects (verify_journal compares). `state.at` is not read.
void record_applied(postgres::Session& session, const AppliedState& state);

// SHA-256 over the objects, in order.
std::string objects_digest(const std::map<std::string, std::string>& objects);

}  // namespace lockstep::executor
