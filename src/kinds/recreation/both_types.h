// What prevents that a column which gets another name and another type has both at the gate (docs/adr/0041). Pure.
#pragma once

#include <string>
#include <vector>

#include "kinds/kind.h"
#include "kinds/recreation/column_successions.h"

namespace lockstep::kinds {

// Why, for a person; empty: nothing does. What prevents any successor is not asked here.
std::string no_both_types(const ObjectId& column, const NewNames& names, const std::vector<Change>& changes,
                          const Context& context);
// What the plan says then.
std::string one_type_note(const ObjectId& column, const std::string& name, const std::string& why);

}  // namespace lockstep::kinds
