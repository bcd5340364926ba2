// NOT NULL on a column of a table with rows, never scanning under ACCESS EXCLUSIVE.
//
//   ADD CONSTRAINT n CHECK (c IS NOT NULL) NOT VALID   ACCESS EXCLUSIVE, brief, no scan
//   VALIDATE CONSTRAINT n                              SHARE UPDATE EXCLUSIVE, reads the table
//   SET NOT NULL                                       ACCESS EXCLUSIVE, brief: the valid check is the proof, no scan
//   DROP CONSTRAINT n                                  ACCESS EXCLUSIVE, brief; in a statement of its own: SET NOT NULL and
//                                                      DROP CONSTRAINT in one ALTER lose the proof and scan (measured)
// The last two share a transaction, so that the proof can't be lost between them and the transitional constraint is not left
// behind.
// Safe because: the valid CHECK proves to PostgreSQL what it would scan for. Undo: DROP NOT NULL; before that, drop the CHECK (a
// transitional object). Watch: INSERTs that fail on the CHECK from its first step on: those of an application that leaves the
// column out.
#pragma once

#include <string>

#include "recipes/context.h"

namespace lockstep::recipes {

// `tightens`: the column existed and allowed NULL, so an INSERT of the old application version may fail.
// `name`: of the constraint, from 18 on; empty: PostgreSQL chooses it.
plan::Steps set_not_null(const Object& column, bool tightens, const Context& context, const std::string& name = {});
plan::DataCheck no_nulls(const Object& column, bool upfront, const Context& context);

}  // namespace lockstep::recipes
