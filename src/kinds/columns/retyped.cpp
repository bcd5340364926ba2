#include "kinds/columns/retyped.h"

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/kinds_list.h"
#include "recipes/descendants.h"
#include "recipes/relation.h"

namespace lockstep::kinds {
namespace {

bool differ(const Object* before, const Object* after) {
  return before != nullptr && after != nullptr &&
         (before->get(keys::kType) != after->get(keys::kType) || before->get(keys::kCollation) != after->get(keys::kCollation));
}

}  // namespace

bool is_retyped_along(const ObjectId& column, const Context& context) {
  const auto now = recipes::parents_of(context.to, recipes::relation_of(column));
  const auto parents = recipes::parents_of(context.from, recipes::relation_of(column));
  return std::any_of(parents.begin(), parents.end(), [&](const ObjectId& table) {
    if (std::find(now.begin(), now.end(), table) == now.end()) return false;
    const ObjectId parent{&kColumn.tag, {table.path[0], table.path[1], column.path[2]}};
    return differ(context.from.find(parent), context.to.find(parent));
  });
}

bool is_retyped_alone(const ObjectId& column, const Context& context) {
  const Object *before = context.from.find(column), *after = context.to.find(column);
  return differ(before, after) && !context.is_new(column) && !is_inherited(*before) && !is_inherited(*after) &&
         !is_retyped_along(column, context);
}

}  // namespace lockstep::kinds
