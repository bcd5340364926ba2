// Replaces an index, unique constraint or primary key on a table with rows by one with another definition. The successor is
// built beside the old one, so that there is always one of them.
//
//   CREATE [UNIQUE] INDEX CONCURRENTLY lockstep_i_new ON t …    see concurrent_index.h; the old one serves, and if unique
//                                                               enforces, all along; a unique successor enforces from here on
//   index:  ALTER INDEX i RENAME TO lockstep_i_old,             one transaction, an instant: SHARE UPDATE EXCLUSIVE on the two
//           ALTER INDEX lockstep_i_new RENAME TO i              indexes, none on the table
//           DROP INDEX CONCURRENTLY lockstep_i_old              waits for whoever still uses it
//   key:    ALTER TABLE t DROP CONSTRAINT k,                    one transaction, an instant, ACCESS EXCLUSIVE; see
//           ALTER TABLE t ADD CONSTRAINT k … USING INDEX …      unique_constraint.h
// What depends on a key or on a unique index (a foreign key, a view that groups by a primary key) is dropped and recreated in the
// transaction of the two middle statements.
// The successor gets the comment, CLUSTER ON and REPLICA IDENTITY of the old one in the transaction that renames it. REPLICA
// IDENTITY needs ACCESS EXCLUSIVE, also briefly. A run that is killed in between leaves lockstep_i_new (valid or not) or
// lockstep_i_old, both recorded as transitional objects of the open run.
// Safe because: at each moment one of the two serves, and a name changes hands within a transaction. Undo: the same with from and
// to exchanged; before the exchange, DROP INDEX CONCURRENTLY of the new one. Watch: as for concurrent_index.h; room for both.
#pragma once

#include "recipes/concurrent_index.h"

namespace lockstep::recipes {

// `index`: the desired index under its own name. `settings`: returns the statements that apply the desired settings to the
// index `name`.
plan::Steps succeed_index(const Object& from, const Object& to, const IndexText& index, bool has_expressions,
                          const std::function<std::vector<std::string>(const std::string& name)>& settings,
                          const Context& context);

// Statistics of an expression belong to its index. Without this step, ANALYZE, PostgreSQL's planner would guess as soon as the
// old index is dropped.
plan::Step collect_statistics(const Object& index);

// The name under which the successor is built.
std::string successor_name(const ObjectId& id, const Context& context);

// Statements that set the comment and replica identity of the old index on its successor, which has the final name by then.
// `named`: the index as COMMENT ON names it.
std::vector<std::string> said_again(const Object& from, const Object& to, const std::string& named, const Context& context);

// The step builds it beside what it replaces, which is still there: it needs only what the object itself leans on.
void built_ahead(plan::Step& build, const Object& object, const Context& context);

// What makes a new index identify the rows of a table that stands, and has it for that before and after: PostgreSQL forgets it
// with the old one.
std::vector<std::string> identifies_again(const Object& index, const Context& context);

}  // namespace lockstep::recipes
