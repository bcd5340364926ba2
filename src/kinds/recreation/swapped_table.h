// A table that becomes a partitioned one and is itself its only partition from then on: no row is copied or read under a lock.
//
//   CREATE UNIQUE INDEX CONCURRENTLY …         of each key that the table gets, since a key must have the partition key in it
//   ALTER TABLE t ADD CHECK … NOT VALID        its partition constraint; a DEFAULT partition alone needs none
//   ALTER TABLE t VALIDATE CONSTRAINT …        SHARE UPDATE EXCLUSIVE, reads the table beside the traffic
//   one transaction of catalog changes: what only the table as a whole has (policies, triggers, privileges, comments, identity)
//   is dropped from it, it is renamed to its partition's name, the partitioned table is created and gets it attached
//
// What the new table has (its keys, indexes, foreign keys, triggers …) is made in the same transaction by the rules for what is
// recreated; PostgreSQL takes the partition's equal ones for their parts and reads no row. Pure.
#pragma once

#include <optional>

#include "kinds/kind.h"

namespace lockstep::kinds {

// The partition that the table can be; nullopt: the rows have to be copied (kinds/recreation/remade_table.h).
std::optional<ObjectId> becomes_its_partition(const Object& table, const Context& context);
// The steps before the swap, and the statements of the swap. `made`: the step that creates the new table.
struct TableSwap {
  Steps before;
  std::vector<std::string> sql;
  std::vector<plan::Helper> helpers;
};
TableSwap table_swap(const Object& table, const ObjectId& partition, const Steps& made, const Context& context);

}  // namespace lockstep::kinds
