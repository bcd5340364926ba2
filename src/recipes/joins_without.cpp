#include "recipes/joins_without.h"

#include <algorithm>

#include "recipes/descendants.h"
#include "recipes/relation.h"

namespace lockstep::recipes {
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
