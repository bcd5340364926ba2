// Which index CLUSTER orders a table by: a mark on the index, made and taken off in an instant.
//   ALTER TABLE t CLUSTER ON i | SET WITHOUT CLUSTER           SHARE UPDATE EXCLUSIVE
#pragma once

#include "recipes/context.h"

namespace lockstep::recipes {

// `to`: an index or key whose mark changes.
plan::Steps change_clustered(const Object& to, const Context& context);

}  // namespace lockstep::recipes
