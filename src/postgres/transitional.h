// Which objects of a database are transitional according to table lockstep.object: those of a rollout that is under way or was
// given up. They belong to nobody's schema, so catalogs that are compared don't contain them.
#pragma once

#include "postgres/object_reader.h"
#include "session/session.h"

namespace lockstep::postgres {

// Empty if there is no such table, and in a database other than the one the rows were written in (a dump copies them, but the
// OIDs differ). Throws CommandError{failed} with the GRANT that helps if the table may not be read. Two queries.
AddressSet read_transitional(Session& session);

}  // namespace lockstep::postgres
