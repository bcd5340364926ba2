// Stored values are tried before a type that they belong to is recreated (recreated_types.h): questions about the rows, asked
// before the plan's first step, and what a change of the type loses. Pure.
#pragma once

#include <set>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// Of the values of these types in the column: each converts, is the same when converted back, and obeys the new rules.
std::vector<plan::DataCheck> values_tried(const Object& column, const std::set<ObjectId>& types, const Context& context);
// Attributes that go with their values; the column's values are saved as they are.
std::vector<plan::Loss> values_lost(const Object& column, const std::set<ObjectId>& types, const Context& context);
// Of one attribute that goes, everywhere.
std::vector<plan::Loss> values_lost(const Object& attribute, const Context& context);
// Every stored value of the domain obeys the check.
std::vector<plan::DataCheck> values_obey(const Object& constraint, const Context& context);

}  // namespace lockstep::kinds
