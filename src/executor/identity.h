// Which database this is. Schema `lockstep` holds a random uuid and where it was made; a copy of the database (a clone, a
// provider's branch, a restore) has the same uuid in another place, and its history is somebody else's.
#pragma once

#include <optional>
#include <string>

#include "plan/plan.h"
#include "postgres/session.h"

namespace lockstep::executor {

struct Identity {
  std::string id;                 // uuid
  std::string system_identifier;  // empty: out of reach (a managed service)
  std::string database;
  std::int64_t database_oid = 0;
};
// As the journal has it; nullopt: no journal.
std::optional<Identity> identity(postgres::Session& session);
// Where this session is: cluster, database, server version. Reads only.
plan::Target located(postgres::Session& session);
// Whether what was written down there stands for this place. A system identifier that is not known decides nothing.
bool same_place(const Identity& known, const plan::Target& here);

// The three below write, and are for the holder of the run lock.
// Makes the journal where there is none; leaves one that exists alone.
Identity establish_identity(postgres::Session& session, const std::string& by);
// A new uuid, here: the history stays, as this database's own. Journalled with the reason.
Identity rebind_identity(postgres::Session& session, const std::string& by, const std::string& reason);
// Removes the journal's own tables and its schema: this database was never applied. Throws CommandError{refused}, nothing
// done, when a run is open or something else is in the schema.
void forget_journal(postgres::Session& session);

}  // namespace lockstep::executor
