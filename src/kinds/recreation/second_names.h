// Both names of a renamed column or table at the gate (docs/adr/0029). The old object stays what it is; the new name is an
// addition that goes when the rename comes, in its transaction.
//
//   column   ALTER TABLE t ADD COLUMN new …                        expand: ACCESS EXCLUSIVE, brief; the same transaction creates
//            two triggers BEFORE INSERT OR UPDATE                  the first and the last of the table's: whichever column a
//                                                                  statement writes, the other one has its value
//            UPDATE t SET new = old in batches                     migrate: ROW EXCLUSIVE; the triggers don't fire for these rows
//            each index and key of the old column once more        see concurrent_index.h
//   table    CREATE VIEW new AS SELECT … FROM old                  expand: SHARE UPDATE EXCLUSIVE on the table, brief
//   contract DROP what was added; RENAME                           one transaction, catalog changes only
// Constraints stand on the old column alone: the triggers run before they are checked. Undo before contract: what was added is
// dropped; it holds nothing of its own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "kinds/kind.h"
#include "recipes/second_name.h"

namespace lockstep::kinds {

// `renames`: {the id before the plan, the id after it}. The indexes' names avoid those of both catalogs. `notes`: why others work
// only after the gate; appended.
recipes::SecondNames choose_second_names(const std::vector<std::pair<ObjectId, ObjectId>>& renames,
                                         const std::vector<Change>& changes, const Context& context,
                                         std::vector<std::string>& notes);

// The steps before the gate, each of all columns before the next one of any: expand before migrate, and an index over two of them
// when both are there.
Steps add_second_name(const recipes::SecondColumn& column, const Context& context);
Steps copy_second_name(const recipes::SecondColumn& column, const Context& context);
Steps index_second_name(const recipes::SecondColumn& column, const recipes::SecondNames& all, const Context& context);
Steps add_second_name(const recipes::SecondTable& table, const Context& context);

// Counts rows that a statement writes through the old name, before the other triggers make the names equal. An INSERT counts only
// where the column has no default: who gave the value can't be told otherwise. The function runs with its owner's rights, because
// writers have none in schema lockstep; it evaluates nothing of anybody.
void count_uses(const recipes::SecondColumn& column, const Context& context, Step& step);
// The privileges of the old name, `target`, for the new one, `as`: those that it has and those that it is to have.
void grant_too(const ObjectId& target, const ObjectId& as, const Context& context, std::vector<std::string>& sql);

// What the rename does first, in its own transaction, and the transitional objects that go with it.
struct Gone {
  std::vector<std::string> sql;
  std::vector<plan::Helper> helpers;
  std::vector<plan::DataCheck> checks;  // asked before the rename
};
Gone drop_second_name(const recipes::SecondColumn& column, const Context& context);
Gone drop_second_name(const recipes::SecondTable& table);

}  // namespace lockstep::kinds
