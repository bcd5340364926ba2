// A type, as a statement of a plan or format_type() writes it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace lockstep::fleet {

// The name and the numbers in parentheses of numeric(10,2), character varying(20), text. -1: there is none.
struct TypeName {
  std::string base;
  int first = -1, second = 0;
  friend bool operator==(const TypeName&, const TypeName&) = default;
};

TypeName type_name(const std::string& printed);
TypeName type_name(const nlohmann::json& node);  // libpg_query's TypeName

// Whether ALTER COLUMN … TYPE without USING keeps every value or refuses it. False if that is not known. Domains are not
// resolved: the caller passes their base types.
bool keeps_values(const TypeName& from, const TypeName& to);

}  // namespace lockstep::fleet
