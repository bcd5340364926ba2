#include "fleet/compared_columns.h"

#include <string_view>

#include "fleet/statement_tree.h"
#include "parser/sql_tree.h"

namespace lockstep::fleet {

using catalog::Path;
using nlohmann::json;
using parser::at;
using parser::string_of;
using parser::strings_of;
using parser::text_at;
using parser::true_at;

namespace {

std::string column_named(const json& expression) {
  const json& fields = at(at(expression, "ColumnRef"), "fields");
  return fields.size() == 1 ? string_of(fields[0]) : std::string();
}

std::optional<ComparedColumn> in_condition(const json& condition, const std::string& column) {
  const json& any = at(condition, "BoolExpr");
  if (text_at(any, "boolop") == "OR_EXPR") {
    for (const json& part : at(any, "args")) {
      if (auto found = in_condition(part, column)) return found;
    }
    return std::nullopt;
  }
  const json& compared = at(condition, "A_Expr");
  const json& cast = at(at(compared, "rexpr"), "TypeCast");
  const std::string successor = column_named(at(compared, "lexpr"));
  if (text_at(compared, "kind") != "AEXPR_DISTINCT" || successor.empty() || column_named(at(cast, "arg")) != column)
    return std::nullopt;
  return ComparedColumn{successor, type_name(at(cast, "typeName"))};
}

bool counts_all(const json& select) {
  for (const std::string_view clause :
       {"limitCount", "limitOffset", "distinctClause", "groupClause", "havingClause", "withClause", "larg", "valuesLists"})
    if (!at(select, clause).is_null()) return false;
  const json& targets = at(select, "targetList");
  if (targets.size() != 1) return false;
  const json& call = at(at(at(targets[0], "ResTarget"), "val"), "FuncCall");
  return strings_of(at(call, "funcname")) == std::vector<std::string>{"pg_catalog", "count"} && true_at(call, "agg_star") &&
         at(call, "agg_filter").is_null();
}

}  // namespace

std::optional<ComparedColumn> compared_with(const json& select, const Path& column) {
  const json& from = at(select, "fromClause");
  if (column.size() != 3 || from.size() != 1 || !counts_all(select)) return std::nullopt;
  const json& table = at(from[0], "RangeVar");
  if (path_of(table) != Path{column[0], column[1]}) return std::nullopt;
  return in_condition(at(select, "whereClause"), column[2]);
}

}  // namespace lockstep::fleet
