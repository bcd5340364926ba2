// The identity of a database. Schema `lockstep` has a random uuid and the place where it was created. A copy of the database (a
// clone, a provider's branch, a restore) has the same uuid in another place, so its history is not its own.
#pragma once

#include <optional>
#include <string>

#include "plan/plan.h"
#include "session/session.h"

namespace lockstep::executor {

struct Identity {
  std::string id;                 // uuid
  std::string system_identifier;  // empty: not readable (a managed service)
  std::string database;
  std::int64_t database_oid = 0;
};
// As recorded in the journal; nullopt: there is no journal.
std::optional<Identity> identity(postgres::Session& session);
// The place of this session: cluster, database, server version. Reads only.
plan::Target located(postgres::Session& session);
// Whether the recorded place is this place. An unknown system identifier doesn't count as a difference.
bool same_place(const Identity& known, const plan::Target& here);

// REQUIRES, for the three functions below: the caller holds the run lock.
// Creates the journal if there is none; doesn't change an existing one.
Identity establish_identity(postgres::Session& session, const std::string& by);
// Sets a new uuid and this place. The history stays and becomes this database's own. Journals the reason.
Identity rebind_identity(postgres::Session& session, const std::string& by, const std::string& reason);
// Removes the journal's tables and their schema, as if nothing had ever been applied to this database. Throws
// CommandError{refused}, with nothing done, if a run is open or the schema contains anything else.
void forget_journal(postgres::Session& session);

}  // namespace lockstep::executor
