// A foreign key from or to a partitioned table whose columns get successors (docs/adr/0028). It can't be built before the swap:
// the key that it is to lean on is created there (built_by_partition.h).
//
//   swap     ALTER TABLE … DROP CONSTRAINT; ADD … NOT VALID     in its transaction, so writers are held to it all along; reads
//                                                               nothing. Before 18 a partitioned table takes no NOT VALID one:
//                                                               each of its leaves gets it
//   after    VALIDATE, beside the traffic
//            before 18: ADD … on the partitioned table,         ACCESS EXCLUSIVE on both sides (triggers go), brief: the leaves'
//            which takes over those of the leaves               become parts of it and are not read again
// Pure.
#pragma once

#include <string>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

struct LateForeignKey {
  std::vector<std::string> added;     // of the swap, when all else has its name
  std::vector<plan::Helper> helpers;  // of the swap
  Steps after;
  bool whole = true;  // the swap makes the key itself; else the last step does
};

bool is_late_foreign_key(const ObjectId& id, const Context& context);
// `successor`: what those of leaves are called until the table has its own.
LateForeignKey late_foreign_key(const ObjectId& id, const std::string& successor, const Context& context);

}  // namespace lockstep::kinds
