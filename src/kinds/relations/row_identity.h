// By which index a table tells its rows apart for replication. PostgreSQL forgets it together with the index, and where the table
// is published its UPDATEs and DELETEs fail then: the table gets another one before that index goes. Pure.
#pragma once

#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// The indexes and keys, by any of their ids, that no longer identify the rows after this change of a table; empty for any other
// change.
std::vector<ObjectId> former_identity(const Change& change, const Catalog& from);

}  // namespace lockstep::kinds
