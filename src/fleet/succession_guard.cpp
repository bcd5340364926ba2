#include "fleet/succession_guard.h"

#include <algorithm>

#include "fleet/compared_columns.h"
#include "parser/sql_parse.h"
#include "parser/sql_tree.h"

namespace lockstep::fleet {

using catalog::Path;
using nlohmann::json;
using parser::at;
using parser::string_of;

namespace {

json select_of(const std::string& sql) {
  std::optional<parser::SqlError> error;
  const auto pieces = parser::split_sql(sql, error);
  if (error || pieces.size() != 1 || pieces.front().tree.is_null()) return nullptr;
  return at(pieces.front().tree, "SelectStmt");
}

}  // namespace

SuccessionGuard::SuccessionGuard(const plan::Plan& plan) {
  for (std::size_t index = 0; index < plan.steps.size(); ++index) {
    // Operators are PostgreSQL's own only if pg_catalog is searched first, which it is where nobody names it.
    const auto& path = plan.steps[index].search_path;
    if (std::find(path.begin(), path.end(), "pg_catalog") != path.end()) continue;
    for (const plan::DataCheck& check : plan.steps[index].checks) {
      for (const ComparedColumns& pair : compared_columns(select_of(check.count)))
        successors_.try_emplace(pair.successor, Successor{pair.column, pair.type, index});
    }
  }
}

std::string SuccessionGuard::adds(std::size_t index, const Path& path, const TypeName& type) {
  const auto found = successors_.find(path);
  if (found == successors_.end()) return {};
  Successor& one = found->second;
  if (one.added || index >= one.swap || type != one.type)
    return "adds a column that takes another one's place, and not as it is compared";
  one.added = true;
  return {};
}

std::string SuccessionGuard::drops(const Path& path) const {
  return successors_.contains(path) ? "drops a column that takes another one's place" : "";
}

// By the name that it has after the swap.
const SuccessionGuard::Successor* SuccessionGuard::after_swap(const Path& path) const {
  for (const auto& [own, one] : successors_) {
    if (one.column == path && one.added) return &one;
  }
  return nullptr;
}

Path SuccessionGuard::successor_of(const Path& column) const {
  const Successor* one = after_swap(column);
  for (const auto& [own, other] : successors_) {
    if (&other == one) return own;
  }
  return {};
}

std::string SuccessionGuard::retypes(const Path& path) const {
  return successors_.contains(path) || after_swap(path) != nullptr ? "changes the type of a column that takes another one's place"
                                                                   : "";
}

std::string SuccessionGuard::renames(std::size_t index, const Path& path, const std::string& to) {
  const auto found = successors_.find(path);
  if (found == successors_.end() || (index == found->second.swap && to == found->second.column.back())) return {};
  return "renames a column that takes another one's place, and not to that one's name";
}

std::string SuccessionGuard::assigns(std::size_t index, const Path& path, const json& value) const {
  if (const auto found = successors_.find(path); found != successors_.end()) {
    const json& fields = at(at(value, "ColumnRef"), "fields");
    const bool copies = fields.size() == 1 && string_of(fields[0]) == found->second.column.back();
    return copies && index < found->second.swap ? ""
                                                : "gives a column that takes another one's place other values than that one's";
  }
  const Successor* one = after_swap(path);
  return one != nullptr && index >= one->swap ? "overwrites a column that has taken another one's place" : "";
}

}  // namespace lockstep::fleet
