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

// What else stands in an OR makes the question count more rows, never fewer.
void take(const json& condition, const Path& table, std::vector<ComparedColumns>& found) {
  const json& any = at(condition, "BoolExpr");
  if (text_at(any, "boolop") == "OR_EXPR") {
    for (const json& part : at(any, "args")) take(part, table, found);
    return;
  }
  const json& compared = at(condition, "A_Expr");
  const json& cast = at(at(compared, "rexpr"), "TypeCast");
  const std::string successor = column_named(at(compared, "lexpr")), column = column_named(at(cast, "arg"));
  if (text_at(compared, "kind") != "AEXPR_DISTINCT" || strings_of(at(compared, "name")) != std::vector<std::string>{"="}) return;
  if (successor.empty() || column.empty()) return;
  found.push_back({{table[0], table[1], column}, {table[0], table[1], successor}, type_name(at(cast, "typeName"))});
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

std::vector<ComparedColumns> compared_columns(const json& select) {
  const json& from = at(select, "fromClause");
  if (from.size() != 1 || !counts_all(select)) return {};
  const json& table = at(from[0], "RangeVar");
  const Path path = path_of(table);
  if (path.size() != 2 || !at(at(table, "alias"), "colnames").is_null()) return {};  // an alias may give columns other names
  std::vector<ComparedColumns> found;
  take(at(select, "whereClause"), path, found);
  return found;
}

}  // namespace lockstep::fleet
