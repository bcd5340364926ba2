// What prevents that a trigger of Lockstep keeps a column of a table equal to another one. Pure.
#pragma once

#include <string>

#include "kinds/kind.h"

namespace lockstep::kinds {

// The names of Lockstep's first and last trigger of a table begin so.
inline constexpr std::string_view kFirstTrigger = " lockstep_";
inline constexpr std::string_view kLastTrigger = "~lockstep_";

// Why, for a person; empty: nothing does. A trigger of the table fires before the first or after the last one of Lockstep's; a
// rule rewrites its statements.
std::string no_mirror_on(const ObjectId& table, const Context& context);
// The column's enum, domain, composite or range, if this plan changes it; nullptr: none.
const Object* changed_type(const ObjectId& column, const std::vector<Change>& changes, const Context& context);

}  // namespace lockstep::kinds
