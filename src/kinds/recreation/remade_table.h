// A table that becomes a partitioned one, a partitioned one that becomes a table, and one that is partitioned by another key.
// PostgreSQL alters none of them, so a new relation takes the old one's place, in one transaction under ACCESS EXCLUSIVE:
//
//   ALTER SEQUENCE … OWNED BY NONE             of each sequence that its columns own: they stay as they are
//   ALTER TABLE t RENAME TO lockstep_t         with the sequences of its identity columns; its partitions keep their names
//   CREATE TABLE t …, and its partitions
//   INSERT INTO t … SELECT … FROM lockstep_t   before it has triggers, rules, keys or policies that could act on a row
//   SELECT setval(…)                           of each identity column
//   DO … count both, and stop if they differ
//   DROP TABLE lockstep_t                      with its partitions and all that belongs to them
//
// What depends on the table or belongs to it is dropped before and recreated after, like all dependents of what is recreated
// (planner/decide). Pure.
#pragma once

#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

bool is_remade(const Change& change);
// The partitions of the table at every level, parents before their partitions.
std::vector<ObjectId> parts_of_table(const ObjectId& table, const Catalog& catalog);
// Throws RefusedError, by name, for what this plan also does to the table and a copy can't carry.
void refuse_to_remake(const Change& change, const std::vector<Change>& changes, const Catalog& from, const Catalog& to);
// Those of the table's columns that hold values of their own, in their order.
std::vector<std::string> columns_copied(const catalog::Path& table, const Catalog& catalog);
// Whether it is a sequence that a column of this table, or of one of its partitions, owns and goes on owning.
bool stays_owned(const ObjectId& dependent, const Catalog& from, const Catalog& to);

// The steps, from those that create the new table and its partitions, in this order: the last one puts the new table in the old
// one's place, and those before it prepare that. `owners`: statements that give them to their owners, once the rows are there.
// `partition`: the one that the old table becomes, if no row has to be copied (kinds/recreation/swapped_table.h); `made` is then
// without it.
Steps remake(const Object& table, const Steps& made, const std::vector<std::string>& owners,
             const std::optional<ObjectId>& partition, const Context& context);

}  // namespace lockstep::kinds
