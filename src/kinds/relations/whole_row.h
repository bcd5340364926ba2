// A BEFORE trigger whose condition reads the whole new row can't be made where the table has a generated column; but such a
// column can be added where the trigger is. So a generated column of a new table comes after those triggers. Pure.
#pragma once

#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// The triggers that a generated column has to come after; empty for any other object.
std::vector<ObjectId> triggers_before(const Object& column, const Catalog& catalog);

// Whether `part`, of a table that is made, is made in a step of its own although its kind comes along with the table.
inline bool made_apart(const Object& part, const Catalog& catalog) {
  return !triggers_before(part, catalog).empty();
}

}  // namespace lockstep::kinds
