#include "kinds/recreation/second_name_limits.h"

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/mirror_limits.h"
#include "kinds/registry.h"
#include "recipes/descendants.h"
#include "recipes/relation.h"

namespace lockstep::kinds {

bool is_name_taken(const ObjectId& place, const std::string& name, const Context& context) {
  return std::any_of(context.from.objects().begin(), context.from.objects().end(), [&](const Object& object) {
    const auto& path = object.id.path;
    if (place.is(kColumn.tag))
      return object.id.is(kColumn.tag) && path[0] == place.path[0] && path[1] == place.path[1] && path[2] == name;
    return of(object.id).is_relation() && path.front() == place.path[0] && path.back() == name;
  });
}

std::string no_second_name(const ObjectId& column, const std::string& name, const Context& context) {
  const Object& before = *context.from.find(column);
  const ObjectId table = recipes::relation_of(column);
  if (context.from.find(table) == nullptr || !table.is(kTable.tag)) return "it isn't a column of a table";
  if (is_name_taken(column, name, context)) return "something else has that name until then";
  if (name.starts_with("lockstep_")) return "that name is one of Lockstep's own";
  if (before.has(keys::kGenerated)) return "it is generated";
  if (is_inherited(before) || !recipes::parents_of(context.from, table).empty()) return "its table inherits it";
  for (const auto& edge : context.from.edges_to(*context.from.index_of(table))) {
    if (context.from.at(edge.dependent).id.is(kTable.tag)) return "other tables inherit it";
  }
  for (const auto& edge : context.from.edges_to(*context.from.index_of(column))) {
    const Object& user = context.from.at(edge.dependent);
    if (user.id.is(kTrigger.tag) && user.get(keys::kEvents).find("UPDATE OF ") != std::string::npos)
      return catalog::to_string(user.id) + " fires when the old name is updated, and wouldn't for the new one";
  }
  return no_mirror_on(table, context);
}

}  // namespace lockstep::kinds
