// Which renames get a second name, and why others don't.
#include <fmt/format.h>

#include <algorithm>

#include "catalog/changes.h"
#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/built_beside.h"
#include "kinds/recreation/mirror_limits.h"
#include "kinds/recreation/second_name_limits.h"
#include "kinds/recreation/second_names.h"
#include "kinds/recreation/succeed_columns.h"
#include "kinds/registry.h"
#include "recipes/descendants.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using recipes::relation_of;
using recipes::SecondColumn;
using recipes::SecondNames;
using recipes::SecondTable;
using support::quote_identifier;

class NameChooser {
 public:
  NameChooser(const std::vector<std::pair<ObjectId, ObjectId>>& renames, const std::vector<Change>& changes,
              const Context& context, std::vector<std::string>& notes)
      : renames_(renames), changes_(changes), context_(context), notes_(notes) {}

  SecondNames run() {
    for (const auto& [before, after] : renames_) {
      if (!context_.from.contains(before)) continue;
      const bool column = before.is(kColumn.tag), table = before.is(kTable.tag);
      if (!column && !table) continue;
      if (column && renamed(relation_of(before))) continue;  // the table's view has the column's new name too
      if (column && is_succeeded_by_name(before, context_.successions)) continue;
      const std::string why = column ? of_column(before, after.path.back()) : of_table(before, after.path.back());
      if (!why.empty()) {
        notes_.push_back(fmt::format("the new name {} of {} works only after the gate: {}", quote_identifier(after.path.back()),
                                     catalog::to_string(before), why));
      } else if (column) {
        result_.columns.push_back(second(before, after.path.back()));
      } else {
        result_.tables.push_back(second_table(before, after.path.back()));
      }
    }
    return std::move(result_);
  }

 private:
  const ObjectId* renamed(const ObjectId& id) const {
    const auto found = std::find_if(renames_.begin(), renames_.end(), [&](const auto& rename) { return rename.first == id; });
    return found == renames_.end() ? nullptr : &found->second;
  }

  std::string of_column(const ObjectId& column, const std::string& name) const {
    if (std::string why = changed_too(column); !why.empty()) return why;
    return no_second_name(column, name, context_);
  }

  // What changes about the column itself would fail under what is built on it.
  std::string changed_too(const ObjectId& column) const {
    for (const Change& change : changes_) {
      if (change.id != column) continue;
      const bool shape = catalog::changes(change, keys::kType.name) || catalog::changes(change, keys::kCollation.name) ||
                         catalog::changes(change, keys::kGenerated.name) || catalog::changes(change, keys::kVirtual.name);
      if (shape || change.what == Change::What::removed)
        return catalog::to_string(column) + " changes too; change it in an apply of its own";
    }
    if (const Object* type = changed_type(column, changes_, context_))
      return catalog::to_string(type->id) + " changes too; change it in an apply of its own";
    return {};
  }

  std::string of_table(const ObjectId& table, const std::string& name) const {
    const Object& before = *context_.from.find(table);
    if (is_name_taken(table, name, context_)) return "something else has that name until then";
    constexpr int kInvokerFrom = 150000;
    if (before.get(keys::kRowSecurity) && context_.server_version < kInvokerFrom)
      return "it has row security, and views before PostgreSQL 15 don't follow it";
    for (const auto child : context_.to.children(*context_.to.index_of(table))) {
      const ObjectId& column = context_.to.at(child).id;
      if (!column.is(kColumn.tag)) continue;
      if (std::string why = changed_too(column); !why.empty()) return why;
      // PostgreSQL asks whoever uses a security_invoker view for rights on all columns that it shows.
      if (has_grants(context_.from, column) || has_grants(context_.to, column))
        return "privileges on its columns don't pass through a view";
    }
    return {};
  }

  static bool has_grants(const Catalog& side, const ObjectId& column) {
    const auto index = side.index_of(column);
    if (!index) return false;
    const auto& children = side.children(*index);
    return std::any_of(children.begin(), children.end(),
                       [&](const auto child) { return of(side.at(child).id).placement == Placement::target_by_role; });
  }

  SecondColumn second(const ObjectId& column, const std::string& name) const {
    SecondColumn result{.id = column, .name = name, .indexes = {}};
    for (const auto& edge : context_.from.edges_to(*context_.from.index_of(column))) {
      const ObjectId& id = context_.from.at(edge.dependent).id;
      if (!(id.is(kIndex.tag) || is_key(id)) || !context_.to.contains(id)) continue;
      if (context_.from.at(edge.dependent).has(keys::kDeferrable)) continue;  // its copy would check at once
      ObjectId successor = id;
      successor.path.set_back(recipes::transitional_name(context_, id.path[0], name + "_" + id.path.back()));
      result.indexes.push_back({id, std::move(successor)});
    }
    return result;
  }

  SecondTable second_table(const ObjectId& table, const std::string& name) const {
    SecondTable result{.id = table, .name = name, .columns = {}};
    const auto index = context_.to.index_of(table);
    std::vector<const Object*> columns;
    for (const auto child : context_.to.children(*index)) {
      if (context_.to.at(child).id.is(kColumn.tag)) columns.push_back(&context_.to.at(child));
    }
    std::sort(columns.begin(), columns.end(), [](const Object* a, const Object* b) { return position(*a) < position(*b); });
    for (const Object* column : columns) {
      const ObjectId* after = renamed(column->id);
      result.columns.push_back({column->id.path[2], after == nullptr ? column->id.path[2] : after->path.back()});
    }
    return result;
  }

  const std::vector<std::pair<ObjectId, ObjectId>>& renames_;
  const std::vector<Change>& changes_;
  const Context& context_;
  std::vector<std::string>& notes_;
  SecondNames result_;
};

}  // namespace

SecondNames choose_second_names(const std::vector<std::pair<ObjectId, ObjectId>>& renames, const std::vector<Change>& changes,
                                const Context& context, std::vector<std::string>& notes) {
  return NameChooser(renames, changes, context, notes).run();
}

}  // namespace lockstep::kinds
