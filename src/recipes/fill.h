// Gives a column a value in every row, old and new, while the application keeps writing.
//
//   trigger  BEFORE INSERT OR UPDATE, named to fire last, ENABLE ALWAYS: fills NULL with the backfill expression, so that
//            INSERTs of an application that doesn't know the column, and UPDATEs of rows not yet done, never leave a NULL.
//            CREATE TRIGGER: SHARE ROW EXCLUSIVE, brief. Not needed where the column has a default. Tables that inherit get
//            one each, since PostgreSQL gives them none of their parent's.
//   batches  UPDATE t SET c = expr WHERE c IS NULL, in ranges of ctid: ROW EXCLUSIVE; any batch may be repeated.
//   end      the trigger is dropped (contract: ACCESS EXCLUSIVE, brief).
// Rejected: DISABLE TRIGGER around the batches (blocks, and skips rows written meanwhile); one big UPDATE (bloat, locks).
// Safe because: a batch that is repeated finds nothing left to do, and no row is written without a value meanwhile. Undo: drop
// the trigger; the values go with their column, or stay where the column was there before (which rows had none isn't known any
// more). Watch: dead tuples and WAL of the batches, replicas that lag; the executor paces itself by them.
#pragma once

#include "recipes/context.h"

namespace lockstep::recipes {

struct Fill {
  std::string column;      // plain
  std::string expression;  // over the row, as the user wrote it
  bool trigger = true;
};

plan::Steps start_fill(const Object& column, const Fill& fill, const Context& context);
plan::Steps end_fill(const Object& column, const Fill& fill, const Context& context);

// Whether it is a trigger of that kind, on the table of `helper.subject`.
bool fills(const plan::Helper& helper);

}  // namespace lockstep::recipes
