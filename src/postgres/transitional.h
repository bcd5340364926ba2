// Which objects of a database are transitional, by table lockstep.object: of a rollout that is under way, or was given up.
// They are nobody's schema, so nothing that is read for comparison has them in it.
#pragma once

#include "postgres/object_reader.h"
#include "postgres/session.h"

namespace lockstep::postgres {

// Empty where there is no such table, and in a database that isn't the one the rows were written in (a dump brings them along,
// and OIDs mean something else there). Throws CommandError{failed}, with the GRANT that helps, where it may not be read. Two
// queries.
AddressSet read_transitional(Session& session);

}  // namespace lockstep::postgres
