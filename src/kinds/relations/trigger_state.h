// Whether a partition's copy of a trigger fires, if that differs from the parent's trigger. Pure.
#pragma once

#include <string>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// A change of the parent's trigger recurses to the partitions and overwrites their own states. Returns statements to run after
// it, which restore the states of those copies whose state doesn't change.
std::vector<std::string> states_of_partitions(const ObjectId& trigger, const Context& context);

// For the step that attaches a partition again after it was detached. Its copies of triggers, and those of its own partitions,
// are new and fire as the parent's do. Adds statements that restore the states that they had and keep.
void add_states_of_triggers(Step& attach, const Object& from, const Object& to, const Context& context);

}  // namespace lockstep::kinds
