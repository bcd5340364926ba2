// CHECK and FOREIGN KEY on a table with rows: added NOT VALID without a scan, then validated in a transaction of their own.
//
//   ALTER TABLE t ADD CONSTRAINT c … NOT VALID     brief; new rows are checked from here on
//     CHECK: ACCESS EXCLUSIVE;  FOREIGN KEY: SHARE ROW EXCLUSIVE on both tables; no scan
//   ALTER TABLE t VALIDATE CONSTRAINT c            reads the table under SHARE UPDATE EXCLUSIVE (and ROW SHARE on the
//                                                  referenced one): reads and writes go on
// The two never share a transaction, because the first lock would then be held during the scan. Undo: DROP CONSTRAINT.
// Safe because: VALIDATE takes a lock that no reader or writer of rows waits for. Watch: long reads of the table; rows that break
// the rule and were written before the first step stop the second (exit 7, with their keys).
#pragma once

#include "recipes/context.h"

namespace lockstep::recipes {

struct NewConstraint {
  std::string definition;            // "CHECK (…)", "FOREIGN KEY (…) REFERENCES …", without NOT VALID
  std::string name;                  // plain; empty: PostgreSQL chooses (only on new tables)
  plan::LockMode lock;               // of ADD … NOT VALID
  std::vector<std::string> columns;  // the columns that it uses; decides whether an old statement can break it
  plan::DataCheck check;             // rows that break it
  bool validated = true;             // false: it stays NOT VALID
  bool enforced = true;              // false: NOT ENFORCED stands in its definition; nothing is ever checked
};

// On a new table, or one without rows: one direct statement.
plan::Steps add_constraint(const Object& constraint, const NewConstraint& what, bool online, const Context& context);
plan::Step validate_constraint(const Object& constraint, const Context& context);

}  // namespace lockstep::recipes
