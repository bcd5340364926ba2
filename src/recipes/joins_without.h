// A parent gets a column in the plan that gives it another child. Pure.
#pragma once

#include "recipes/context.h"

namespace lockstep::recipes {

// The tables that begin to inherit from the table of a new column, and that don't have such a column: they get it with their new
// parents, and so become its children before.
std::vector<ObjectId> joins_without(const ObjectId& column, const Context& context);

}  // namespace lockstep::recipes
