// Which index CLUSTER orders a table by. PostgreSQL keeps it as a flag on the index, set and cleared without a scan:
//   ALTER TABLE t CLUSTER ON i | SET WITHOUT CLUSTER           SHARE UPDATE EXCLUSIVE
// Safe because: only a flag in pg_index changes, and no row moves before somebody runs CLUSTER. Undo: the former flag.
// Watch: nothing.
#pragma once

#include "recipes/context.h"

namespace lockstep::recipes {

// `to`: an index or key whose flag changes.
plan::Steps change_clustered(const Object& to, const Context& context);

}  // namespace lockstep::recipes
