// What a plan that could not be made may have missed. Pure.
#pragma once

#include <string>
#include <vector>

#include "planner/planner.h"

namespace lockstep::planner {

// As rename_hints(), also of what holds no rows by itself (a type).
std::vector<std::string> refusal_hints(const Input& input);

}  // namespace lockstep::planner
