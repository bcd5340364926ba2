// Gives columns of large tables another type while the application keeps reading and writing (docs/adr/0028).
//
//   expand    ALTER TABLE t ADD COLUMN lockstep_new_c …            ACCESS EXCLUSIVE, brief; the same transaction creates a
//                                                                  trigger that keeps it up to date in every row written
//                                                                  (mirror.h)
//   migrate   UPDATE t SET lockstep_new_c = c in batches           ROW EXCLUSIVE
//             NOT NULL by a validated check (recipes/not_null.h)
//             each index that isn't unique once more               see concurrent_index.h
//             ANALYZE t (lockstep_new_c)                           SHARE UPDATE EXCLUSIVE
//   contract  unique indexes, keys, foreign keys once more         see concurrent_index.h, validate.h; here, because two unique
//                                                                  indexes hinder upserts (built_beside.h)
//             one transaction, catalog changes only, ACCESS EXCLUSIVE on the tables and on those that a foreign key joins to
//             them: the names change places; default, identity, owned sequence, comments and privileges move; the old column goes
//             where values change, the old column is hidden instead, saved and then dropped (former_column.h)
// A column that gets another name too has its successor under that name, and both are written before the gate (two_way_mirror.h):
// then unique indexes and keys are built before it. The planner joins the rename to the swap (planner/named_swap.cpp).
// With a hold, the old column is hidden until phase purge, and a trigger keeps it up to date (back_mirror.h). The way back is the
// same swap with the two schemas exchanged; after the purge the old column is added and filled once more before.
// Safe because old statements see one column c all along, and each value is compared with what it is to be before the swap.
// What to watch: c becomes the last column of its table. A row whose value can't be converted can't be written any more. Undo
// before the swap: what was added is dropped. After it, without a hold: the type is changed back in one statement, which rewrites
// the table.
#pragma once

#include "kinds/kind.h"
#include "kinds/recreation/succession_members.h"
#include "recipes/column_succession.h"

namespace lockstep::kinds {

// Whether the change of the column's type is part of a succession.
bool is_succeeded(const ObjectId& column, const Context& context);
// All steps of the succession up to the swap, if `column` is its first one; else none. REQUIRES: is_succeeded.
Steps succeed_columns(const ObjectId& column, const Context& context);
// What follows the swap and all else that changes about the column, if its values change. REQUIRES: is_succeeded.
Steps end_succession(const ObjectId& column, const Context& context);

}  // namespace lockstep::kinds
