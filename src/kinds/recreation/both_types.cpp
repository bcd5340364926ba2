#include "kinds/recreation/both_types.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/changes.h"
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/names/renamed.h"
#include "kinds/recreation/second_name_limits.h"
#include "recipes/conversion.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

bool is_of_type(std::string_view attribute) {
  return attribute == keys::kType.name || attribute == keys::kCollation.name || attribute == keys::kStorage.name ||
         attribute == keys::kCompression.name || attribute == keys::kIdentityOptions.name;
}

// What the swap doesn't do itself would run after it, and name the column by its old name, which no longer exists.
std::string changed_beside(const ObjectId& column, const std::vector<Change>& changes, const Context& context) {
  const auto uses = [&](const ObjectId& id) {
    if (id == column || is_within(id, column)) return true;
    for (const Catalog* side : {&context.from, &context.to}) {
      const auto index = side->index_of(column);
      if (!index) continue;
      const auto& edges = side->edges_to(*index);
      if (std::any_of(edges.begin(), edges.end(), [&](const auto& edge) { return is_within(id, side->at(edge.dependent).id); }))
        return true;
    }
    return false;
  };
  for (const Change& change : changes) {
    if (!uses(change.id)) continue;
    if (change.id.is(kDefault.tag) && change.id.path == column.path && change.what == Change::What::set) continue;
    if (change.id != column) return catalog::to_string(change.id) + " changes too";
    const auto other = std::find_if(change.attributes.begin(), change.attributes.end(),
                                    [](const auto& item) { return !is_of_type(item.attribute); });
    if (other != change.attributes.end())
      return fmt::format("{} of {} changes too", other->attribute, catalog::to_string(column));
  }
  return {};
}

}  // namespace

std::string no_both_types(const ObjectId& column, const NewNames& names, const std::vector<Change>& changes,
                          const Context& context) {
  const ObjectId table = recipes::relation_of(column);
  for (const auto& [other, name] : names) {
    if (other == table) return catalog::to_string(table) + " is renamed too";
    if (other == column || !other.is(kColumn.tag) || recipes::relation_of(other) != table) continue;
    const bool retyped = std::any_of(changes.begin(), changes.end(), [&, id = other](const Change& change) {
      return change.id == id && catalog::changes(change, keys::kType.name);
    });
    // What comes after the swap names them.
    if (!retyped) return catalog::to_string(other) + " is renamed too; rename it in an apply of its own";
    const auto key = recipes::key_columns(context.from, table);
    const bool identifies = std::find(key.begin(), key.end(), other.path[2]) != key.end();
    if (identifies && recipes::converts_values(*context.from.find(column), *context.to.find(column), context))
      return catalog::to_string(other) + " belongs to the key that the former values are saved by, and is renamed too";
  }
  if (std::string why = changed_beside(column, changes, context); !why.empty()) return why;
  return no_second_name(column, names.at(column), context);
}

std::string one_type_note(const ObjectId& column, const std::string& name, const std::string& why) {
  return fmt::format("{} can't have its new type under its new name {} before the gate: {}", catalog::to_string(column),
                     support::quote_identifier(name), why);
}

}  // namespace lockstep::kinds
