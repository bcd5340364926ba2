#include "recipes/joins_without.h"

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

}  // namespace lockstep::recipes
