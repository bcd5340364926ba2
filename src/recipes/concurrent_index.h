// An index on a table with rows, without blocking writers.
//
//   CREATE [UNIQUE] INDEX CONCURRENTLY i ON t …      SHARE UPDATE EXCLUSIVE, no transaction, no lock_timeout (it would
//                                                    leave an INVALID index); waits for every older snapshot
//   postcheck pg_index.indisvalid; an INVALID left-over is dropped CONCURRENTLY and built again, never IF NOT EXISTS.
// On a partitioned table CONCURRENTLY is refused, so: the index ON ONLY the parent (invalid, in a moment), one
// CONCURRENTLY per leaf, each attached (SHARE UPDATE EXCLUSIVE on the parent's index); with the last it turns valid.
#pragma once

#include "recipes/context.h"

namespace lockstep::recipes {

struct IndexText {
  bool unique = false;
  std::string name;        // plain
  std::string definition;  // from USING on
  std::string tablespace;  // appended by the caller's kind into definition where needed
  bool successor = false;  // a transitional object until a later step takes it (transitional.h), which the caller says
};

plan::Steps create_index_concurrently(const Object& object, const ObjectId& relation, const IndexText& index,
                                      const Context& context);
// On a partitioned table that has partitions already: whether one of them keeps an index of its own that PostgreSQL would take as
// its share of this one.
bool would_take_another(const ObjectId& relation, const IndexText& index, const Context& context);
// … then, in one transaction (no rows, nobody waits): on the parent only, and every partition gets a share of its own.
plan::Step create_index_by_partition(const Object& object, const ObjectId& relation, const IndexText& index,
                                     const Context& context);
plan::Steps drop_index_concurrently(const ObjectId& index);
// Builds the contents of one that is there and INVALID; where rows are, beside their writers.
plan::Step reindex(const Object& index, const ObjectId& relation, const Context& context);

}  // namespace lockstep::recipes
