// The name of what a statement makes, from its parse tree: for places in reports and to find what is declared twice.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "parser/script.h"

namespace lockstep::parser {

// {schema, name}; of unqualified names, in `first_schema`.
catalog::Path qualified_name(const nlohmann::json& list, const std::string& first_schema);
// Fills makes, routine and opens_schema of `made`, as far as they can be told.
void name_statement(const std::string& node, const nlohmann::json& fields, const std::string& first_schema, Statement& made);

}  // namespace lockstep::parser
