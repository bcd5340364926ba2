#include "fleet/copy_guard.h"

#include <algorithm>

#include "fleet/statement_tree.h"
#include "kinds/recreation/remade_table.h"
#include "parser/sql_tree.h"
#include "recipes/copied_rows.h"
#include "support/sql_text.h"

namespace lockstep::fleet {

using catalog::Path;
using nlohmann::json;
using parser::at;

void CopyGuard::creates(const Path& table, const json& fields) {
  auto& columns = created_[table];
  columns.clear();
  for (const json& element : at(fields, "tableElts")) {
    const json& column = at(element, "ColumnDef");
    if (!column.is_null()) columns.emplace(parser::text_at(column, "colname"), type_name(at(column, "typeName")));
  }
}

std::string CopyGuard::inserts(std::size_t step, const json& fields, const std::string& sql, const PlanNames& names) {
  const Path table = path_of(at(fields, "relation"));
  const json& from = at(at(at(fields, "selectStmt"), "SelectStmt"), "fromClause");
  const Path aside = from.size() == 1 ? path_of(at(from[0], "RangeVar")) : Path();
  std::vector<std::string> columns;
  for (const json& target : at(fields, "cols")) columns.push_back(parser::text_at(at(target, "ResTarget"), "name"));
  const bool plain = table.size() == 2 && aside.size() == 2 &&
                     sql == recipes::copy_rows(support::qualified(table), support::qualified(aside), columns);
  const auto renamed = renamed_.find(aside);
  const auto former = names.before(aside);  // before the plan
  const bool own = renamed != renamed_.end() && renamed->second == std::pair(step, table) && former && !names.before(table);
  if (!plain || !own) return "writes rows that are no copy of a table's own";
  const auto all = kinds::columns_copied(*former, live_);
  const bool complete = std::all_of(all.begin(), all.end(), [&](const std::string& column) {
    return std::find(columns.begin(), columns.end(), column) != columns.end();
  });
  if (!complete) return "copies the rows of a table without all of their values";
  const auto& created = created_[table];
  for (const std::string& column : columns) {
    const auto type = created.find(column);
    if (type == created.end() || !types_.keeps({(*former)[0], (*former)[1], column}, type->second))
      return "copies values into a column whose type doesn't keep them";
  }
  copies_[aside] = {step, table};
  return {};
}

std::string CopyGuard::runs(std::size_t step, const std::string& sql) {
  for (auto& [aside, copy] : copies_) {
    if (copy.step != step || sql != recipes::compare_counts(support::qualified(copy.table), support::qualified(aside))) continue;
    copy.compared = true;
    return {};
  }
  return "runs code of its own";
}

bool CopyGuard::has_copied(std::size_t step, const Path& aside) const {
  const auto found = copies_.find(aside);
  return found != copies_.end() && found->second.step == step && found->second.compared;
}

}  // namespace lockstep::fleet
