#include "recipes/joins_without.h"

#include <algorithm>

#include "recipes/descendants.h"
#include "recipes/relation.h"

namespace lockstep::recipes {
namespace {

std::vector<ObjectId> tables_below(const Catalog& catalog, const ObjectId& table) {
  std::vector<ObjectId> found;
  const auto add_children = [&](const ObjectId& parent) {
    const auto index = catalog.index_of(parent);
    if (!index) return;
    for (const auto& edge : catalog.edges_to(*index)) {
      const ObjectId& child = catalog.at(edge.dependent).id;
      const auto parents = child.is(*table.kind) ? parents_of(catalog, child) : std::vector<ObjectId>();
      const bool is_child = std::find(parents.begin(), parents.end(), parent) != parents.end();
      if (is_child && std::find(found.begin(), found.end(), child) == found.end()) found.push_back(child);
    }
  };
  add_children(table);
  for (std::size_t next = 0; next < found.size(); ++next) add_children(ObjectId(found[next]));
  return found;
}

}  // namespace

std::vector<ObjectId> joins_without(const ObjectId& column, const Context& context) {
  std::vector<ObjectId> tables;
  if (context.from.contains(column) || context.is_new(relation_of(column))) return tables;
  for (const ObjectId& descendant : descendants(context.to, column)) {
    const ObjectId table = relation_of(descendant);
    const bool stands = context.from.contains(table) && !context.is_new(table) && !context.from.contains(descendant);
    if (stands && parents_of(context.from, table) != parents_of(context.to, table)) tables.push_back(table);
  }
  return tables;
}

std::vector<ObjectId> leaves_without(const ObjectId& column, const Context& context) {
  const ObjectId parent = relation_of(column);
  if (context.from.contains(column) || context.is_new(parent)) return {};
  const auto stay = tables_below(context.to, parent);
  auto tables = tables_below(context.from, parent);
  std::erase_if(tables, [&](const ObjectId& table) {
    return !context.to.contains(table) || std::find(stay.begin(), stay.end(), table) != stay.end() ||
           context.to.contains({column.kind, {table.path[0], table.path[1], column.path[2]}});
  });
  return tables;
}

}  // namespace lockstep::recipes
