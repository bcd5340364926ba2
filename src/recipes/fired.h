// What acts on each row that an UPDATE of Lockstep's own changes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recipes/context.h"

namespace lockstep::recipes {

// A hazard that names the user's triggers, rules, policies and publications that act when `column` of the relation (its
// partitions and inheriting tables included) is updated; nullopt: none does. `but`: triggers that are kept from firing.
std::optional<plan::Consequence> fired_by_update(const ObjectId& relation, const std::string& column,
                                                 const std::vector<std::string>& but, const Context& context);

}  // namespace lockstep::recipes
