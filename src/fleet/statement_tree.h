// What a statement does, from its parse tree (libpg_query). Used to check a plan from a file before it runs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "catalog/object.h"

namespace lockstep::fleet {

// The name of a RangeVar as a path; just the name if it is not qualified.
catalog::Path path_of(const nlohmann::json& range);

// Whether a SELECT contains an INSERT, UPDATE, DELETE or MERGE, which is possible in its WITH clause.
bool changes_rows(const nlohmann::json& select);

// Whether a SELECT only calls setval(), for one sequence that it names, and runs no other code.
bool sets_a_sequence(const nlohmann::json& select);

// Whether a condition is "column IS NULL", alone or combined with others by AND.
bool asks_for_null(const nlohmann::json& condition, const std::string& column);

}  // namespace lockstep::fleet
