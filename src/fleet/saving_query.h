// Reads out of a loss's query what it saves. Used to check a plan from a file before it runs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "catalog/object.h"
#include "plan/step.h"

namespace lockstep::fleet {

// Whether the SELECT reads every row of the object's relation (`now`: its present name) and of each row `part`: "*", or a column
// by its present name. `object`: the path before the plan.
bool saves(const nlohmann::json& select, const plan::Loss& loss, const catalog::Path& object, const catalog::Path& now,
           const std::string& part);

}  // namespace lockstep::fleet
