// Indexes and keys that must be gone before another object is created, although it does not depend on them (KindSpec::displaces).
#pragma once

#include "kinds/kind.h"

namespace lockstep::kinds {

// A new index or key of a partitioned table: PostgreSQL takes an equal one of a partition for its share, which nobody can drop
// from then on.
std::vector<ObjectId> displaced_by_index(const Object& index, const Catalog& from, const Catalog& to);
// The same, and the table's old primary key, whatever its name is.
std::vector<ObjectId> displaced_by_primary_key(const Object& key, const Catalog& from, const Catalog& to);
// PostgreSQL chooses which key of the referenced table a new foreign key depends on. It must not choose one that is dropped.
std::vector<ObjectId> displaced_by_foreign_key(const Object& key, const Catalog& from, const Catalog& to);
// A foreign key, which may depend on another key between the steps than before or after them: one that is made while both keys
// are there takes the older, and nothing tells which it was.
bool leans_on_either_key(const ObjectId& id);
// PostgreSQL names the share that a new partition has of each index of its parent. Those names may be the ones of the parent's
// old indexes.
std::vector<ObjectId> displaced_by_table(const Object& table, const Catalog& from, const Catalog& to);

}  // namespace lockstep::kinds
