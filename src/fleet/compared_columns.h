// Reads out of a question about rows which columns it compares. Used to check a plan from a file before it runs.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "catalog/object.h"
#include "fleet/type_name.h"

namespace lockstep::fleet {

struct ComparedColumn {
  std::string successor;  // plain
  TypeName type;          // that the old column's value is cast to before they are compared
};
// If `select` counts every row of the table in which another column IS DISTINCT FROM `column` (schema, table, name), alone or
// combined with other conditions by OR: that other column. nullopt: it doesn't, or not all rows.
std::optional<ComparedColumn> compared_with(const nlohmann::json& select, const catalog::Path& column);

}  // namespace lockstep::fleet
