#include "kinds/recreation/dependents.h"

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "recipes/relation.h"
#include "recipes/row_check.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

void collect(catalog::Index type, const Catalog& catalog, std::vector<const Object*>& columns) {
  for (const auto& edge : catalog.edges_to(type)) {
    const Object& object = catalog.at(edge.dependent);
    if (object.id.is(kColumn.tag) && !object.get(keys::kInherited)) columns.push_back(&object);
    if (object.id.is(kDomain.tag)) collect(edge.dependent, catalog, columns);
  }
}

}  // namespace

std::vector<const Object*> stored_columns(const ObjectId& type, const Context& context) {
  std::vector<const Object*> columns;
  if (const auto index = context.from.index_of(type)) collect(*index, context.from, columns);
  return columns;
}

ObjectId relation_of(const Object& column) {
  return *column.parent;
}

plan::DataCheck check_of(const Object& column, std::string rule, const std::string& condition, const Context& context) {
  return recipes::row_check(recipes::relation_of(column.id), std::move(rule),
                            support::quote_identifier(column.id.path[2]) + condition, false, context);
}

}  // namespace lockstep::kinds
