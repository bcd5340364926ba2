// A parent gets a column in the plan that gives it another child, or takes one away. Pure.
#pragma once

#include "recipes/context.h"

namespace lockstep::recipes {

// The tables that begin to inherit from the table of a new column, and that don't have such a column: they get it with their new
// parents, and so become its children before.
std::vector<ObjectId> joins_without(const ObjectId& column, const Context& context);

// The tables that are below the table of a new column now, no longer in the end, and don't have such a column then: they leave
// before it comes, since it would come to them too.
std::vector<ObjectId> leaves_without(const ObjectId& column, const Context& context);

}  // namespace lockstep::recipes
