// An index or key of a partitioned table, built once more beside the old one, partition by partition without blocking writers.
//
//   index   CREATE INDEX … ON ONLY the table, CONCURRENTLY on each leaf, ATTACH (recipes/concurrent_index.h)
//           in the swap each share gets the name that PostgreSQL would have given it
//   key     CREATE UNIQUE INDEX CONCURRENTLY on each leaf. A partitioned table adopts no index, and has one primary key, so its
//           own one is created in the swap's transaction: ALTER TABLE ONLY … ADD CONSTRAINT, which reads nothing; each leaf's
//           index becomes a key of it (USING INDEX), and is attached
// Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

struct BuiltByPartition {
  Steps steps;                       // beside the traffic
  std::vector<std::string> keys;     // of the swap, before the columns change names
  std::vector<std::string> renames;  // of the swap, after that
  std::vector<plan::Helper> left;    // that the steps leave, taken away by the swap
};

// Whether it has to be built so.
bool is_built_by_partition(const ObjectId& id, const Context& context);
// `successor`: the object as it is to be built, under its transitional name, in the catalog `renamed` (built_beside.h). `taken`:
// names that shares get by the swap, "schema.name"; appended.
BuiltByPartition built_by_partition(const ObjectId& id, const ObjectId& successor, const Catalog& renamed,
                                    std::set<std::string>& taken, const Context& context);
// What of the index or key can't be built so; empty: nothing.
std::string not_by_partition(const Object& object, const Context& context);

}  // namespace lockstep::kinds
