#include "recipes/adopted_share.h"

#include <algorithm>
#include <vector>

#include "catalog/keys.h"
#include "recipes/relation.h"

namespace lockstep::recipes {

bool say_the_same(const Object& a, const Object& b) {
  return a.get(keys::kDefinition) == b.get(keys::kDefinition) && a.get(keys::kUnique) == b.get(keys::kUnique);
}

namespace {

bool is_plain(const Object& index) {
  return !index.has(keys::kValid) && !index.has(keys::kTablespace) && !index.has(keys::kIndexStatistics) &&
         !index.get(keys::kClustered);
}

// Those of `relation`, of the kind of `like`, that say the same, in name order.
template <class Condition>
const Object* first_alike(const Catalog& side, const ObjectId& relation, const Object& like, const Condition& wanted) {
  const auto table = side.index_of(relation);
  const Object* first = nullptr;
  for (const auto child : table ? side.children(*table) : std::vector<catalog::Index>{}) {
    const Object& other = side.at(child);
    if (!other.id.is(*like.id.kind) || !is_plain(other) || !say_the_same(other, like) || !wanted(other)) continue;
    if (first == nullptr || other.id < first->id) first = &other;
  }
  return first;
}

// Its index has all shares that the taker's would have.
bool keeps_its_partitions(const ObjectId& relation, const Context& context) {
  const auto parts = partitions(context.from, relation);
  return parts == partitions(context.to, relation) && std::none_of(parts.begin(), parts.end(), [&](const ObjectId& part) {
           return context.is_new(part) || is_partitioned(context.from, part) != is_partitioned(context.to, part) ||
                  !keeps_its_partitions(part, context);
         });
}

// What is in the way: another object needs it, the new index's name or columns aren't there yet while it is attached.
bool can_stay(const Object& index, const Object& taker, const Context& context) {
  const auto& users = context.from.edges_to(*context.from.index_of(index.id));
  if (std::any_of(users.begin(), users.end(), [](const auto& edge) { return !edge.automatic; })) return false;
  if (has_named(context.to, index.id.path.front(), index.id.path.back())) return false;
  const auto& needed = context.to.edges_from(*context.to.index_of(taker.id));
  return std::all_of(needed.begin(), needed.end(), [&](const auto& edge) {
    const Object& part = context.to.at(edge.referenced);
    const Object* before = context.from.find(part.id);
    return before != nullptr && before->value(keys::kType.name) == part.value(keys::kType.name) &&
           before->value(keys::kCollation.name) == part.value(keys::kCollation.name);
  });
}

// The nearest index above that this plan creates and that says the same as `index`, an index of a partition; nullptr: none, or it
// can't take it.
const Object* taker(const Object& index, const Context& context) {
  const ObjectId leaf = relation_of(index.id);
  const auto goes = [&](const Object& other) { return !context.to.contains(other.id) && !identifies_rows(context.from, other); };
  if (context.is_new(leaf) || !keeps_its_partitions(leaf, context) || !is_plain(index) || !goes(index)) return nullptr;
  if (first_alike(context.from, leaf, index, goes)->id != index.id) return nullptr;  // only the first of several
  const auto is_made = [&](const Object& other) { return !context.from.contains(other.id); };
  std::vector<ObjectId> between;
  for (const Object* part = context.to.find(leaf); part != nullptr && part->has(keys::kPartitionOf);) {
    const ObjectId above{part->id.kind, part->get(keys::kPartitionOf)};
    part = context.to.find(above);
    if (context.from.contains(above) && !context.is_new(above) && context.online(above)) {
      if (const Object* taker = first_alike(context.to, above, index, is_made)) {
        const bool another = std::any_of(between.begin(), between.end(), [&](const ObjectId& relation) {
          return adopted_share(*taker, relation, context).has_value();  // its own shares come with it
        });
        return !another && can_stay(index, *taker, context) ? taker : nullptr;
      }
    }
    between.push_back(above);
  }
  return nullptr;
}

}  // namespace

std::optional<ObjectId> adopted_share(const Object& index, const ObjectId& leaf, const Context& context) {
  const Object* one = first_alike(context.from, leaf, index, [&](const Object& other) {
    const Object* by = taker(other, context);
    return by != nullptr && by->id == index.id;
  });
  return one == nullptr ? std::nullopt : std::optional(one->id);
}

bool is_adopted(const Object& index, const Context& context) {
  return taker(index, context) != nullptr;
}

}  // namespace lockstep::recipes
