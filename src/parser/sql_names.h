// The name of what a statement creates, from its parse tree: for places in reports and for finding double declarations.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "parser/script.h"

namespace lockstep::parser {

// {schema, name}. An unqualified name is in `first_schema`.
catalog::Path qualified_name(const nlohmann::json& list, const std::string& first_schema);
// Sets makes, routine and opens_schema of `made`, as far as they are known.
void name_statement(const std::string& node, const nlohmann::json& fields, const std::string& first_schema, Statement& made);

}  // namespace lockstep::parser
