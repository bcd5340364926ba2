// What the queries of a plan read, and the names of what it hides. Used to check a plan from a file before it runs.
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

// The executor puts these parts into the body of a loop. A text that is one SELECT when put in parentheses is one there too.
std::string row_by_row_query(const plan::RowByRow& rows);

// Whether Lockstep gives such a name to a column that it hides, or to one whose successor has its name.
bool is_named_as_hidden(const catalog::Path& column);
bool is_named_as_former(const catalog::Path& column);

}  // namespace lockstep::fleet
