// The columns that partitions have from a partitioned table, when the table's column gets a successor (docs/adr/0028): the
// successor is added to all of them with it, and so are the trigger and the names. What a partition has of its own
// is set on its successor too. Pure.
#pragma once

#include <string>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// The table and its partitions at every level, parents first.
std::vector<ObjectId> with_partitions(const ObjectId& table, const Catalog& catalog);
// A lock on all of these.
std::vector<plan::RelationLock> locks_of_all(const ObjectId& table, plan::LockMode mode, const Context& context);

// Why columns of the table can't have successors because of its partitions; empty: they can.
std::string no_successors_below(const ObjectId& table, const Context& context);
// The same because of what the partitions say of this column.
std::string no_successor_below(const ObjectId& column, const Context& context);

// Storage, compression, statistics target and options that partitions have for themselves: set for the column `successor`.
std::vector<std::string> settings_below(const ObjectId& column, const std::string& successor, const Context& context);
// The partitions' columns that are NOT NULL although the parent's isn't.
std::vector<ObjectId> required_below(const ObjectId& column, const Context& context);
// Comments, privileges and so on of the partitions' columns.
std::vector<std::string> said_below(const ObjectId& column, const Context& context);

}  // namespace lockstep::kinds
