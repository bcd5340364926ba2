// A table leaves the tables it is a partition of or inherits from, and comes to others: DETACH and ATTACH PARTITION, NO INHERIT
// and INHERIT, with what has to be said of its columns and of what it has from its parents (inherited_constraints.h). Pure.
//
// Locks: ACCESS EXCLUSIVE on the table; ATTACH takes SHARE UPDATE EXCLUSIVE on the parent and reads the table.
#pragma once

#include "kinds/kind.h"

namespace lockstep::kinds {

// It leaves its place for another one, or for another bound: its rows are missing meanwhile.
bool moves_partition(const Object& from, const Object& to);
Steps change_partition(const Change& change, const Object& from, const Object& to, const Context& context);
Steps change_inherits(const Change& change, const Object& from, const Object& to, const Context& context);

}  // namespace lockstep::kinds
