// Takes a partition with rows out of its parent while the parent stays in use.
//
//   ALTER TABLE p DETACH PARTITION t CONCURRENTLY    SHARE UPDATE EXCLUSIVE on p, no transaction; waits for the transactions that
//                                                    use p, then ACCESS EXCLUSIVE on t, brief, and what its foreign keys need
//   ALTER TABLE t DROP CONSTRAINT n                  ACCESS EXCLUSIVE on t, brief: the CHECK with the bound that PostgreSQL
//   leaves
//                                                    on t, and what t keeps of its parent and nobody declares
// postcheck: pg_inherits. A detaching that was cut off is pending: p no longer sees the rows, and there is no way back from
// there. So the repair is DETACH PARTITION … FINALIZE, which ends it. The CHECK is a transitional object. Its name is
// PostgreSQL's: the scratch copy was asked (row_probe.h). One statement, ACCESS EXCLUSIVE on p: for a table without rows, before
// PostgreSQL 14, beside a DEFAULT partition or another pending one (PostgreSQL refuses), where the name is not known or in use,
// and where another partition takes the place in the same transaction. Undo: ATTACH, by the planner's rules.
// Watch: transactions that use p and don't end (pg_stat_activity), which CONCURRENTLY waits for.
#pragma once

#include <string>

#include "recipes/context.h"

namespace lockstep::recipes {

// Of a partition, read from the database only: its DETACH PARTITION … CONCURRENTLY was cut off. The parent neither sees its rows
// nor takes any.
inline constexpr catalog::Attr<bool> kDetachPending{"detach_pending"};

// "ALTER TABLE p DETACH PARTITION t", "… CONCURRENTLY" and "… FINALIZE". `partition` is in its parent.
std::string detach_statement(const Object& partition);
std::string detach_concurrently_statement(const Object& partition);
std::string detach_finalize_statement(const Object& partition);

// `detach`: the one statement first, then what is to be done with what the table keeps. `replaced`: another partition takes its
// place in this plan. The result begins with the step that detaches.
plan::Steps detached(plan::Step detach, const Object& partition, bool replaced, const Context& context);

}  // namespace lockstep::recipes
