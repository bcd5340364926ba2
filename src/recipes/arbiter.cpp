#include "recipes/arbiter.h"

#include <set>
#include <string>

#include "catalog/keys.h"
#include "recipes/relation.h"
#include "recipes/tags.h"

namespace lockstep::recipes {

using catalog::List;

namespace {

// Empty: it keeps none unique, only some rows of them, or expressions.
std::set<std::string> unique_columns(const Object& object, const Catalog& catalog) {
  List columns;
  if (object.id.is(*kPrimaryKey) || object.id.is(*kUnique)) {
    if (!object.get(keys::kWithoutOverlaps)) columns = object.get(keys::kColumns);
  } else if (object.id.is(*kIndex) && !object.has(keys::kValid) && is_plain_unique(object)) {
    columns = indexed_columns(object, catalog);
  }
  return {columns.begin(), columns.end()};
}

}  // namespace

bool is_plain_unique(const Object& index) {
  const std::string definition = index.get(keys::kDefinition);
  return index.get(keys::kUnique) && !index.get(keys::kExpressions) && definition.find(" WHERE ") == std::string::npos &&
         definition.find(" INCLUDE ") == std::string::npos;
}

List indexed_columns(const Object& index, const Catalog& catalog) {
  List columns;
  for (const auto& edge : catalog.edges_from(*catalog.index_of(index.id))) {
    const ObjectId& used = catalog.at(edge.referenced).id;
    if (used.is(*kColumn) && relation_of(used) == relation_of(index.id)) columns.push_back(used.path[2]);
  }
  return columns;
}

std::vector<ObjectId> takes_over(const Object& gone, const Context& context) {
  const auto columns = unique_columns(gone, context.from);
  const auto relation = context.to.index_of(relation_of(gone.id));
  std::vector<ObjectId> made;
  if (columns.empty() || !relation) return made;
  for (const auto child : context.to.children(*relation)) {
    const Object& object = context.to.at(child);
    if (unique_columns(object, context.to) != columns) continue;
    const Object* before = context.is_new(object.id) ? nullptr : context.from.find(object.id);
    if (before != nullptr && unique_columns(*before, context.from) == columns) return {};
    if (object.id != gone.id) made.push_back(object.id);
  }
  return made;
}

}  // namespace lockstep::recipes
