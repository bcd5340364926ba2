// A plan from a file is somebody's word: its sums show that it is whole, not who wrote it. Before it is run, its statements are
// read (libpg_query) and what they destroy is worked out anew: a plan may ask for more care than they need, never for less.
//
// Checked are the class of each statement (one that no step of Lockstep's ever holds is refused), and that what goes with rows or
// values (a table, a column, a sequence, an attribute, an extension) is saved before and stands as a loss, with a query that
// reads all of it; that a conversion of a column, a rename and a revoked privilege carry a hazard; and that batches only fill
// what is NULL. What takes a trial to know (locks, rewrites of a whole table) is the proof's, and is checked only by planning
// again from the files. A function's body and an expression are code: only its author, or a signature, can vouch for them.
#pragma once

#include <set>
#include <string>

#include "plan/plan.h"
#include "postgres/introspect.h"

namespace lockstep::fleet {

// Throws CommandError{mismatch} naming the step and the statement. `live`: the database now, with the columns that a run has
// hidden. `done`: steps that a run which goes on has done; they change names and are not asked for care again.
void require_care(const plan::Plan& plan, const postgres::Snapshot& live, const std::set<std::string>& done = {});

}  // namespace lockstep::fleet
