// What keeps columns unique: INSERT … ON CONFLICT (columns) fails where there is no such index or key. Pure.
#pragma once

#include <vector>

#include "recipes/context.h"

namespace lockstep::recipes {

// Whether it is a unique index of plain columns over all rows. Violations of any other index are found when it is built.
bool is_plain_unique(const Object& index);
// The plain columns of its own table that an index is over, in no order.
catalog::List indexed_columns(const Object& index, const Catalog& catalog);

// The keys and unique indexes that this plan makes over the same columns as `gone` has, in any order: they should stand before it
// goes (plan::Step::awaits). None if another one stands before and after the plan.
std::vector<ObjectId> takes_over(const Object& gone, const Context& context);

}  // namespace lockstep::recipes
