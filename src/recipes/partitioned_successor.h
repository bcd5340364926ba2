// An index of a partitioned table with rows whose definition changes: the new one is built beside the old one.
//
//   CREATE INDEX lockstep_i_new ON ONLY t …, CONCURRENTLY on each leaf, ATTACH      as concurrent_index.h describes
//   DROP INDEX i; ALTER INDEX lockstep_i_new RENAME TO i; the shares likewise       one transaction, ACCESS EXCLUSIVE on the
//   table
//                                                                                   and its partitions, brief, no scan
// PostgreSQL has no DROP INDEX CONCURRENTLY for such an index. Safe because: at each moment one of the two serves, and names
// change hands within a transaction. Undo: the same with from and to exchanged; before the exchange, DROP INDEX of the new one.
// Watch: as for concurrent_index.h; room for both. Pure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "recipes/concurrent_index.h"

namespace lockstep::recipes {

// As for succeed_index (successor.h). REQUIRES: the table is partitioned on both sides.
plan::Steps succeed_partitioned_index(const Object& from, const Object& to, const IndexText& index, bool has_expressions,
                                      const std::function<std::vector<std::string>(const std::string& name)>& settings,
                                      const Context& context);
// Whether it can't be done so: a key of a partition serves the index on either side, or it is only on the parent.
bool is_rebuilt_in_place(const Object& from, const Object& to, const Context& context);

}  // namespace lockstep::recipes
