// The state that was last applied to a database, as schema files.
#pragma once

#include <map>
#include <string>

#include "fleet/known_target.h"
#include "session/session.h"

namespace lockstep::fleet {

struct RecordedSchema {
  std::string run, at;                       // of the last verified run; at: ISO 8601 UTC
  std::map<std::string, std::string> files;  // paths below a folder → text; without owners
};

// Reads the journal, and of the catalog only what isn't recorded, such as the order of columns: what somebody changed by hand
// since is not in it. `shown`: how to call the database in messages. Throws CommandError: another database than is known (stale),
// a journal that was edited (tampering); RefusedError: nothing was ever applied, another version wrote the record, or a schema is
// managed only in part, so that the rest of it isn't recorded.
RecordedSchema recorded_schema(postgres::Session& session, const Known& known, const std::string& shown);

}  // namespace lockstep::fleet
