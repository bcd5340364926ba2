// A type as a statement of a plan names it, or as format_type() prints it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace lockstep::fleet {

// numeric(10,2), character varying(20), text → the name, and what stands in parentheses. -1: nothing stands there.
struct TypeName {
  std::string base;
  int first = -1, second = 0;
};

TypeName type_name(const std::string& printed);
TypeName type_name(const nlohmann::json& node);  // libpg_query's TypeName

// Whether ALTER COLUMN … TYPE without USING keeps what every value says, or refuses the value. False where that is not known.
// Domains are not looked into: the caller passes what they are of.
bool keeps_values(const TypeName& from, const TypeName& to);

}  // namespace lockstep::fleet
