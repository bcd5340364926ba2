// Checks of stored values that run before the plan's first step if a type that they belong to is recreated (recreated_types.h),
// and what a change of the type loses. Pure.
#pragma once

#include <set>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// Checks of the values of these types in the column: each converts, is the same when converted back, and obeys the new rules.
std::vector<plan::DataCheck> values_tried(const Object& column, const std::set<ObjectId>& types, const Context& context);
// Attributes that are dropped with their values. The column's old values are saved whole.
std::vector<plan::Loss> values_lost(const Object& column, const std::set<ObjectId>& types, const Context& context);
// The same for one attribute that is dropped, wherever values of it are stored.
std::vector<plan::Loss> values_lost(const Object& attribute, const Context& context);
// Checks that every stored value of the domain obeys the constraint.
std::vector<plan::DataCheck> values_obey(const Object& constraint, const Context& context);

}  // namespace lockstep::kinds
