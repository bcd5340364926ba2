// The last applied state of a database, object by object.
// Drift is the difference between it and live; pending is the difference between it and the declaration.
//
// The executor stores the texts and knows no kinds: reconciler/state.h defines their contents.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "session/session.h"

namespace lockstep::executor {

struct AppliedState {
  std::string run;                             // uuid of the run that was verified last
  std::string at;                              // ISO 8601 UTC
  std::string fingerprint;                     // of the whole managed part, as desired
  std::string scope;                           // which part of the database is managed; empty: recorded by journal format 1
  std::map<std::string, std::string> objects;  // to_string(ObjectId) → the object as read back from live; empty as above
  // Recorded with it: what of it others have changed since the last record ("+ table shop.notes"). Absent: that isn't known.
  std::optional<std::vector<std::string>> adopted = {};

  bool complete() const { return !scope.empty(); }
};
// nullopt: nothing was ever applied, or no run was ever verified.
std::optional<AppliedState> applied_state(postgres::Session& session);

// Records the state of a verified run. Replaces the whole state in one transaction with its journal event, which contains the
// digest of the objects (verify_journal compares it). Ignores `state.at`; `state.adopted` is in the event
// alone, and applied_state() doesn't read it.
void record_applied(postgres::Session& session, const AppliedState& state);

// SHA-256 over the objects, in order.
std::string objects_digest(const std::map<std::string, std::string>& objects);

}  // namespace lockstep::executor
