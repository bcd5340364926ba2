// NOT NULL on a column of a table with rows, never scanning under ACCESS EXCLUSIVE.
//
//   ADD CONSTRAINT n CHECK (c IS NOT NULL) NOT VALID   ACCESS EXCLUSIVE, brief, no scan
//   VALIDATE CONSTRAINT n                              SHARE UPDATE EXCLUSIVE, reads the table
//   SET NOT NULL                                       ACCESS EXCLUSIVE, brief: the valid check is the proof, no scan
//   DROP CONSTRAINT n                                  ACCESS EXCLUSIVE, brief; in a statement of its own: SET NOT NULL and
//                                                      DROP CONSTRAINT in one ALTER lose the proof and scan (measured)
// The last two share a transaction: the proof must not be lost between them, nor the helper left behind.
#pragma once

#include "recipes/context.h"

namespace lockstep::recipes {

// `tightens`: rows with NULL were allowed before (the column existed), so an old INSERT may fail.
plan::Steps set_not_null(const Object& column, bool tightens, const Context& context);
plan::DataCheck no_nulls(const Object& column, bool upfront, const Context& context);

}  // namespace lockstep::recipes
