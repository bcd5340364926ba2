// PostgreSQL can't create a BEFORE trigger whose condition reads the whole new row on a table with a generated column, but it
// can add such a column to a table with such a trigger. So a generated column of a new table is added after those triggers.
// Pure.
#pragma once

#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// The triggers that have to be created before a generated column; empty for any other object.
std::vector<ObjectId> triggers_before(const Object& column, const Catalog& catalog);

// Whether `part` of a new table is created in a step of its own although the kind is normally created with the table.
inline bool made_apart(const Object& part, const Catalog& catalog) {
  return !triggers_before(part, catalog).empty();
}

}  // namespace lockstep::kinds
