#include "fleet/saving_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "fleet/statement_tree.h"
#include "parser/sql_tree.h"
#include "plan/undo.h"
#include "support/sql_text.h"

namespace lockstep::fleet {

using catalog::Path;
using nlohmann::json;
using parser::at;
using parser::string_of;

bool saves(const json& select, const plan::Loss& loss, const Path& object, const Path& now, const std::string& part) {
  for (const std::string_view clause : {"whereClause", "limitCount", "limitOffset", "distinctClause", "groupClause",
                                        "havingClause", "withClause", "larg", "valuesLists"})
    if (!at(select, clause).is_null()) return false;
  const json& from = at(select, "fromClause");
  if (from.size() != 1) return false;
  if (!at(at(at(from[0], "RangeVar"), "alias"), "colnames").is_null()) return false;  // it may give columns other names
  const Path relation = path_of(at(from[0], "RangeVar")),
             old{object.begin(), object.begin() + std::min<std::ptrdiff_t>(2, std::ssize(object))};
  if (relation != now && relation != old) return false;
  if (loss.relation != support::qualified(relation) && loss.relation != support::qualified(old)) return false;
  const json& targets = at(select, "targetList");
  return std::any_of(targets.begin(), targets.end(), [&](const json& target) {
    const json& fields = at(at(at(at(target, "ResTarget"), "val"), "ColumnRef"), "fields");
    if (fields.empty()) return false;
    if (part == "*") return fields.back().contains("A_Star");
    // Another column may have its former name by now.
    return string_of(fields.back()) == part || (loss.hidden.empty() && string_of(fields.back()) == object.back());
  });
}

std::string row_by_row_query(const plan::RowByRow& rows) {
  return fmt::format("SELECT ({}\n) FROM {} AS {} WHERE ({}\n)", rows.shown, support::qualified(rows.schema, rows.table),
                     support::quote_identifier(rows.table), rows.condition);
}

bool is_named_as_hidden(const Path& column) {
  return plan::holds_former_values({.type = "table column", .names = column, .subject = column});
}

bool is_named_as_former(const Path& column) {
  return plan::holds_converted_values({.type = "table column", .names = column, .subject = column});
}

}  // namespace lockstep::fleet
