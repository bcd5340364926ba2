#include "fleet/statement_tree.h"

#include <algorithm>
#include <string_view>
#include <vector>

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

// Whether it calls a function other than max() and min(), which find the last number in a column.
bool runs_other_code(const json& expression) {
  if (!expression.is_structured()) return false;
  if (const json& call = at(expression, "FuncCall"); !call.is_null()) {
    const auto name = strings_of(at(call, "funcname"));
    if (name != std::vector<std::string>{"max"} && name != std::vector<std::string>{"min"}) return true;
  }
  return std::any_of(expression.begin(), expression.end(), runs_other_code);
}

bool calls(const json& expression) {
  return expression.is_structured() && (!at(expression, "FuncCall").is_null() || !at(expression, "SubLink").is_null() ||
                                        std::any_of(expression.begin(), expression.end(), calls));
}

}  // namespace

Path path_of(const json& range) {
  Path path{text_at(range, "schemaname"), text_at(range, "relname")};
  if (path.front().empty()) path.pop_front();
  return path;
}

bool changes_rows(const json& select) {
  std::vector<const json*> open = {&select};
  while (!open.empty()) {
    const json& node = *open.back();
    open.pop_back();
    if (!node.is_structured()) continue;
    for (const std::string_view change : {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})
      if (!at(node, change).is_null()) return true;
    for (const json& child : node) open.push_back(&child);
  }
  return false;
}

bool sets_a_sequence(const json& select) {
  const json& targets = at(select, "targetList");
  if (targets.size() != 1 || !at(select, "withClause").is_null() || calls(at(select, "whereClause"))) return false;
  for (const json& from : at(select, "fromClause"))
    if (at(from, "RangeVar").is_null()) return false;
  const json& call = at(at(at(targets[0], "ResTarget"), "val"), "FuncCall");
  if (strings_of(at(call, "funcname")) != std::vector<std::string>{"pg_catalog", "setval"}) return false;
  const json& arguments = at(call, "args");
  if (arguments.empty() || at(arguments[0], "A_Const").is_null()) return false;
  return !runs_other_code(arguments) && !runs_other_code(at(select, "havingClause"));
}

bool asks_for_null(const json& condition, const std::string& column) {
  const json& both = at(condition, "BoolExpr");
  if (text_at(both, "boolop") == "AND_EXPR") {
    const json& parts = at(both, "args");
    return std::any_of(parts.begin(), parts.end(), [&](const json& part) { return asks_for_null(part, column); });
  }
  const auto is_column = [&](const json& value) {
    const json& fields = at(at(value, "ColumnRef"), "fields");
    return !fields.empty() && string_of(fields.back()) == column;
  };
  const json& comparison = at(condition, "A_Expr");  // as recipes::is_null() asks for values of users' types
  if (text_at(comparison, "kind") == "AEXPR_NOT_DISTINCT")
    return is_column(at(comparison, "lexpr")) && true_at(at(at(comparison, "rexpr"), "A_Const"), "isnull");
  const json& test = at(condition, "NullTest");
  return text_at(test, "nulltesttype") == "IS_NULL" && is_column(at(test, "arg"));
}

}  // namespace lockstep::fleet
