// Steps that build what a column's index, key or foreign key is a second time, beside it, over another column with the same
// values.
#pragma once

#include "kinds/kind.h"

namespace lockstep::kinds {

// `renamed`: a catalog in which it has the id `successor` and names the other column. Nobody meets anything new by them: the
// first one demands the same of every row. Of a key, and only of it, the last step makes a constraint of the index that was
// built. Each step declares its locks. Always without blocking writers, also where the table is small.
Steps built_beside(const ObjectId& id, const ObjectId& successor, const Catalog& renamed, const Context& context);
bool is_key(const ObjectId& id);  // a primary key or unique constraint
// The same, of an index or key only what builds the index.
Steps index_beside(const ObjectId& id, const ObjectId& successor, const Catalog& renamed, const Context& context);

// A second unique index over the same values is no arbiter of ON CONFLICT: while both are there, two sessions that insert the
// same key at once can get an error where one would have waited for the other. Adds that as a consequence, if the index is
// unique.
void warn_of_upserts(const ObjectId& id, Step& step, const Context& context);

}  // namespace lockstep::kinds
