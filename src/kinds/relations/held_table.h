// Drops a table with a hold: contract only hides it, and phase purge saves and removes it (docs/adr/0031).
//
//   contract  ALTER TABLE t DROP CONSTRAINT … of its foreign keys    they would still hinder writers of other tables
//             ALTER SEQUENCE … RENAME of what its columns own
//             ALTER TABLE t RENAME TO lockstep_dropped_t              ACCESS EXCLUSIVE, an instant
//             a trigger that refuses writes                           so it is saved whole without a lock
//   purge     its rows are saved, then DROP TABLE                    nobody uses it any more
// Undo in the hold: it gets its name back, with its rows, and its foreign keys are added NOT VALID and validated.
#pragma once

#include "kinds/kind.h"

namespace lockstep::kinds {

// The table's foreign keys to what stays. Those to a table, a key or a column that goes are dropped before by themselves.
std::vector<const Object*> foreign_keys_to_what_stays(const Object& table, const Context& context);
// REQUIRES: context.held(table.id).
Steps drop_held_table(const Object& table, const Context& context);

}  // namespace lockstep::kinds
