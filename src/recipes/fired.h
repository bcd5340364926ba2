// Finds what acts on the rows that an UPDATE by Lockstep changes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recipes/context.h"

namespace lockstep::recipes {

// A hazard that names the user's triggers, rules, policies and publications that act when `column` of the relation (including
// its partitions and inheriting tables) is updated; nullopt: there are none. `but`: triggers that don't fire for this UPDATE.
std::optional<plan::Consequence> fired_by_update(const ObjectId& relation, const std::string& column,
                                                 const std::vector<std::string>& but, const Context& context);

}  // namespace lockstep::recipes
