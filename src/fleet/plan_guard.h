// Checks a plan that comes from a file. Its digests show that it is complete, not who wrote it. Before it runs, its statements
// are parsed (libpg_query), and what they destroy is determined anew: a plan may ask for more consent than they need, never for
// less.
//
// It checks the class of each statement (a statement that no step of Lockstep contains is refused); that what is dropped with
// rows or values (a table, a column, a sequence, an attribute, an extension) is saved before and listed as a loss, with a query
// that reads all of it; that a conversion of a column, a rename and a revoked privilege have a hazard; and that batches only
// fill NULLs. Locks and rewrites of a whole table can only be observed by a proof, and are checked only by planning again from
// the files. A function's body and an expression are code: only its author, or a signature, can vouch for them.
#pragma once

#include <set>
#include <string>

#include "plan/plan.h"
#include "postgres/introspect.h"

namespace lockstep::fleet {

// Throws CommandError{mismatch} that names the step and the statement. `live`: the present database, including columns that a
// run has hidden. `done`: steps that a resumed run has done; their renames count, but they need no consent again.
void require_care(const plan::Plan& plan, const postgres::Snapshot& live, const std::set<std::string>& done = {});

}  // namespace lockstep::fleet
