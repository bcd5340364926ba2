// A plan from a file is somebody's word: its sums show that it is whole, not who wrote it. Before it is run, its statements are
// read (libpg_query) and what they destroy is worked out anew: a plan may ask for more care than they need, never for less.
//
// Checked are the class of each statement (one that no step of Lockstep's ever holds is refused), and that what goes with rows or
// values (a table, a column, a sequence, an attribute, an extension) is saved before and stands as a loss, with a query that
// reads all of it; that a conversion of a column, a rename and a revoked privilege carry a hazard; and that batches only fill
// what is NULL. What takes a trial to know (locks, rewrites of a whole table) is the proof's, and is checked only by planning
// again from the files. A function's body and an expression are code: only its author, or a signature, can vouch for them.
#pragma once

#include "catalog/catalog.h"
#include "plan/plan.h"

namespace lockstep::fleet {

// Throws CommandError{mismatch} naming the step and the statement. `live`: the database now; a run that is resumed may have done
// part of the plan already.
void require_care(const plan::Plan& plan, const catalog::Catalog& live);

}  // namespace lockstep::fleet
