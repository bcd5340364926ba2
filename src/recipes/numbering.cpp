#include "recipes/numbering.h"

#include <algorithm>

#include "catalog/keys.h"
#include "recipes/relation.h"
#include "recipes/tags.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using catalog::Attr;
using catalog::List;

namespace {

bool becomes_identity(const Context& context, const ObjectId& column) {
  const Object* from = context.from.find(column);
  const Object* to = context.to.find(column);
  return from != nullptr && to != nullptr && !context.is_new(column) && !from->has(keys::kIdentity) && to->has(keys::kIdentity);
}

}  // namespace

std::optional<ObjectId> drawn_from(const Catalog& catalog, const ObjectId& column) {
  const auto value = catalog.index_of({kDefault, column.path});
  if (!value) return std::nullopt;
  for (const auto& edge : catalog.edges_from(*value)) {
    if (catalog.at(edge.referenced).id.is(*kSequence)) return catalog.at(edge.referenced).id;
  }
  return std::nullopt;
}

std::optional<ObjectId> hands_over(const Context& context, const ObjectId& column) {
  if (!becomes_identity(context, column)) return std::nullopt;
  const auto sequence = drawn_from(context.from, column);
  // Only a sequence that belongs to the column and that this plan drops anyway (is_new, of an existing object). A sequence on
  // its own is dropped by a step of its own, with consent; an unmanaged one stays.
  if (!sequence || context.to.contains(*sequence) || !context.is_new(*sequence)) return std::nullopt;
  if (context.from.find(*sequence)->get(keys::kOwnedBy) != List(column.path)) return std::nullopt;
  const auto& users = context.from.edges_to(*context.from.index_of(*sequence));
  const bool alone = std::all_of(users.begin(), users.end(), [&](const auto& edge) {
    return context.from.at(edge.dependent).id == ObjectId{kDefault, column.path};
  });
  return alone ? sequence : std::nullopt;
}

bool is_handed_over(const Context& context, const ObjectId& sequence) {
  const auto index = context.from.index_of(sequence);
  if (!index) return false;
  const auto& users = context.from.edges_to(*index);
  return users.size() == 1 && hands_over(context, {kColumn, context.from.at(users.front().dependent).id.path}) == sequence;
}

Numbers numbers_of(const Object& sequence) {
  const auto number = [&](Attr<std::int64_t> key, std::int64_t otherwise) {
    return sequence.has(key) ? sequence.get(key) : otherwise;
  };
  const bool ascends = number(keys::kIncrement, 1) > 0;
  const std::int64_t bound = ascends ? number(keys::kMinimum, 1) : number(keys::kMaximum, -1);
  return {support::qualified(sequence.id.path), number(keys::kStart, bound), ascends};
}

std::string beyond_the_last(const ObjectId& column, const Numbers& numbers) {
  const std::string last = (numbers.ascends ? "max(" : "min(") + support::quote_identifier(column.path[2]) + ")";
  return "SELECT pg_catalog.setval(" + support::quote_literal(numbers.sequence) + ", " + last + "::bigint) FROM " +
         relation_name(column) + " HAVING " + last + (numbers.ascends ? " >= " : " <= ") + "(SELECT last_value FROM " +
         numbers.sequence + ")";
}

std::string beyond_what_it_gave(const std::string& former, const Numbers& numbers) {
  const std::string last = numbers.ascends ? "max(last_value)" : "min(last_value)";
  return "SELECT pg_catalog.setval(" + support::quote_literal(numbers.sequence) + ", " + last + ") FROM " + former +
         " WHERE is_called HAVING " + last + (numbers.ascends ? " >= " : " <= ") + "(SELECT last_value FROM " + numbers.sequence +
         ")";
}

bool reads_all(const ObjectId& column, const Context& context) {
  const auto table = context.from.index_of(relation_of(column));
  if (!table) return false;
  const auto& parts = context.from.children(*table);
  return std::none_of(parts.begin(), parts.end(), [&](const auto part) {
    const Object& object = context.from.at(part);
    if (!object.id.is(*kPrimaryKey) && !object.id.is(*kUnique)) return false;
    const List columns = object.get(keys::kColumns);
    return !columns.empty() && columns.front() == column.path[2];
  });
}

}  // namespace lockstep::recipes
