// Changes the parents of a table: DETACH and ATTACH PARTITION, NO INHERIT and INHERIT, with the statements that this needs for
// its columns and for the objects it has from its parents (inherited_constraints.h). Pure.
//
// Locks: ACCESS EXCLUSIVE on the table; DETACH PARTITION on the parent too, but for what recipes/detach_partition.h says; ATTACH
// takes SHARE UPDATE EXCLUSIVE on the parent and reads the table.
#pragma once

#include "kinds/kind.h"

namespace lockstep::kinds {

// The qualified, quoted names of the partitions in `catalog` whose DETACH PARTITION … CONCURRENTLY was cut off.
std::vector<std::string> pending_detaches(const Catalog& catalog);
// Whether the partition changes its parent or its bound. Its rows are missing from the parent for a while.
bool moves_partition(const Object& from, const Object& to);
Steps change_partition(const Change& change, const Object& from, const Object& to, const Context& context);
Steps change_inherits(const Change& change, const Object& from, const Object& to, const Context& context);

}  // namespace lockstep::kinds
