#include "recipes/inline_defaults.h"

#include <algorithm>

#include "catalog/keys.h"
#include "recipes/relation.h"
#include "recipes/tags.h"
#include "support/sql_words.h"

namespace lockstep::recipes {

InlineDefaults::InlineDefaults(const Catalog& to) {
  for (catalog::Index i = 0; i < to.objects().size(); ++i) {
    const Object& object = to.at(i);
    if (to.root(i) != i) continue;
    names.insert(object.id.path.size() > 1 ? object.id.path[1] : object.id.path[0]);
    if (!object.id.is(*kTable)) continue;
    if (object.has(keys::kPartitionOf)) parents.insert(object.get(keys::kPartitionOf).back());
    for (const std::string& text : object.get(keys::kInherits)) parents.merge(support::sql_words(text));
  }
}

const Object* inline_default(const ObjectId& column, const Context& context) {
  if (context.inline_defaults == nullptr) return nullptr;
  const auto index = context.to.index_of({kDefault, column.path});
  if (!index) return nullptr;
  const ObjectId table = relation_of(column);
  const Object* owner = context.to.find(table);
  if (owner == nullptr || owner->has(keys::kPartitionOf) || owner->has(keys::kInherits) || owner->has(keys::kOfType))
    return nullptr;
  if (context.inline_defaults->parents.contains(table.path[1])) return nullptr;
  for (const auto& edge : context.to.edges_from(*index)) {
    if (context.to.at(context.to.root(edge.referenced)).id != table) return nullptr;
  }
  const Object& value = context.to.at(*index);
  const auto words = support::sql_words(value.get(keys::kExpression));
  const auto& names = context.inline_defaults->names;
  const bool alone = std::none_of(words.begin(), words.end(), [&](const std::string& word) { return names.contains(word); });
  return alone ? &value : nullptr;
}

}  // namespace lockstep::recipes
