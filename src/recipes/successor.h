// An index, unique constraint or primary key with another definition, on a table with rows: a successor is built beside it, and
// at no time is there none.
//
//   CREATE [UNIQUE] INDEX CONCURRENTLY lockstep_i_new ON t …    see concurrent_index.h; the old one serves, and if unique
//                                                               enforces, all along; a unique successor enforces from here on
//   index:  ALTER INDEX i RENAME TO lockstep_i_old,             one transaction, an instant: SHARE UPDATE EXCLUSIVE on the two
//           ALTER INDEX lockstep_i_new RENAME TO i              indexes, none on the table
//           DROP INDEX CONCURRENTLY lockstep_i_old              waits for whoever still uses it
//   key:    ALTER TABLE t DROP CONSTRAINT k,                    one transaction, an instant, ACCESS EXCLUSIVE; see
//           ALTER TABLE t ADD CONSTRAINT k … USING INDEX …      unique_constraint.h
// Comment, CLUSTER ON and REPLICA IDENTITY of the old one are said again of its successor, in the transaction that gives it the
// name; the last needs ACCESS EXCLUSIVE, as brief. A run that is killed between leaves lockstep_i_new (valid or not) or
// lockstep_i_old, which belong to the open run.
#pragma once

#include "recipes/concurrent_index.h"

namespace lockstep::recipes {

// `index`: as wanted, under its own name. `settings`: statements that speak of the successor by the name they are given.
plan::Steps succeed_index(const Object& from, const Object& to, const IndexText& index, bool has_expressions,
                          const std::function<std::vector<std::string>(const std::string& name)>& settings,
                          const Context& context);

// The name under which the successor of an index or key is built.
std::string successor_name(const ObjectId& id, const Context& context);

// Comment and replica identity of the old one, for its successor that has the name by now. `named`: how COMMENT ON calls it.
std::vector<std::string> said_again(const Object& from, const Object& to, const std::string& named, const Context& context);

}  // namespace lockstep::recipes
