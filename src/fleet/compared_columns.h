// Reads out of a question about rows which columns it compares. Used to check a plan from a file before it runs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "catalog/object.h"
#include "fleet/type_name.h"

namespace lockstep::fleet {

// A column and another one of its table that is to take its place.
struct ComparedColumns {
  catalog::Path column, successor;  // {schema, table, name}
  TypeName type;                    // that the column's value is cast to before they are compared
};
// Of a SELECT that counts every row of one table in which `successor IS DISTINCT FROM column::type` holds, alone or together with
// other conditions by OR: all such pairs. Empty: it is another question, or doesn't count all such rows.
std::vector<ComparedColumns> compared_columns(const nlohmann::json& select);

}  // namespace lockstep::fleet
