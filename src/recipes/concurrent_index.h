// An index on a table with rows, without blocking writers.
//
//   CREATE [UNIQUE] INDEX CONCURRENTLY i ON t …      SHARE UPDATE EXCLUSIVE, no transaction, no lock_timeout (it would
//                                                    leave an INVALID index); waits for every older snapshot
// postcheck: pg_index.indisvalid. An INVALID leftover is dropped CONCURRENTLY and built again; never IF NOT EXISTS.
// PostgreSQL refuses CONCURRENTLY on a partitioned table. There the index is created ON ONLY the parent (invalid, no scan),
// then CONCURRENTLY on each leaf, and each is attached (SHARE UPDATE EXCLUSIVE on the parent's index). The parent's index
// becomes valid with the last one.
// Safe because: writers go on, and an index that isn't valid is used by nobody. Undo: DROP INDEX CONCURRENTLY. Watch:
// pg_stat_progress_create_index; old snapshots, which it waits for twice; room for the index.
#pragma once

#include <cstddef>

#include "recipes/context.h"

namespace lockstep::recipes {

struct IndexText {
  bool unique = false;
  std::string name;        // plain
  std::string definition;  // from USING on
  std::string tablespace;  // the caller's kind appends it to `definition` where needed
  // it is a transitional object until a later step renames it; the caller declares that (transitional.h)
  bool successor = false;
};

// How many indexes over the same columns have their shares already when those of `index`, of a partitioned table, are built:
// PostgreSQL numbers the names of the shares ("t_2026_a_idx", "t_2026_a_idx1").
std::ptrdiff_t shares_made_before(const Object& index, const Context& context);
// A partition's share of its table's index. made_before: as shares_made_before() says.
IndexText share_of(const IndexText& index, const ObjectId& partition, std::ptrdiff_t made_before = 0);

plan::Steps create_index_concurrently(const Object& object, const ObjectId& relation, const IndexText& index,
                                      const Context& context);
// For a partitioned table that already has partitions: whether PostgreSQL would attach an existing index of one of them to this
// index.
bool would_take_another(const ObjectId& relation, const IndexText& index, const Context& context);
// For that case: creates the index on the parent only and a new one on every partition, in one transaction. The tables have no
// rows.
plan::Step create_index_by_partition(const Object& object, const ObjectId& relation, const IndexText& index,
                                     const Context& context);
plan::Steps drop_index_concurrently(const ObjectId& index);
// Builds an index that exists and is INVALID; CONCURRENTLY if its table has rows.
plan::Step reindex(const Object& index, const ObjectId& relation, const Context& context);

}  // namespace lockstep::recipes
