// Whether a partition's copy of a trigger fires, where that differs from the parent's trigger. Pure.
#pragma once

#include <string>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// A change of the parent's trigger goes through to the partitions and overwrites what they say: statements to follow it, which
// bring those that are unchanged back to their own state.
std::vector<std::string> states_of_partitions(const ObjectId& trigger, const Context& context);

// For the step that attaches a partition again that was detached: its copies of triggers, and those of its own partitions, are
// new and fire as the parent's do. States that they had before and keep are set again.
void add_states_of_triggers(Step& attach, const Object& from, const Object& to, const Context& context);

}  // namespace lockstep::kinds
