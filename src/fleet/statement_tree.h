// What a statement does, told by its parse tree (libpg_query). A plan from a file is read by these before it is run.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "catalog/object.h"

namespace lockstep::fleet {

// The name of a RangeVar as a path; of a relation that is not qualified only its name.
catalog::Path path_of(const nlohmann::json& range);

// Whether a SELECT holds an INSERT, UPDATE, DELETE or MERGE: its WITH clause may.
bool changes_rows(const nlohmann::json& select);

// Whether a SELECT only calls setval(), for one sequence that it names, and runs no code beside that.
bool sets_a_sequence(const nlohmann::json& select);

// Whether a condition is "column IS NULL", alone or with more beside it.
bool asks_for_null(const nlohmann::json& condition, const std::string& column);

}  // namespace lockstep::fleet
