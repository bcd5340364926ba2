#include "recipes/relation.h"

#include <algorithm>

#include "catalog/keys.h"
#include "recipes/tags.h"
#include "support/digest.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using catalog::List;

ObjectId relation_of(const ObjectId& part) {
  return {kTable, {part.path[0], part.path[1]}};
}

std::string relation_name(const ObjectId& part) {
  return support::qualified(part.path[0], part.path[1]);
}

std::vector<std::string> key_columns(const Catalog& catalog, const ObjectId& relation) {
  const auto index = catalog.index_of(relation);
  if (!index) return {};
  for (const auto child : catalog.children(*index)) {
    if (catalog.at(child).id.is(*kPrimaryKey)) return catalog.at(child).get(keys::kColumns);
  }
  return {};
}

namespace {

// The columns of the primary key that takes the place of the present one, if that is so before a column of the present one goes
// and its own columns stay as they are. Empty: none.
std::vector<std::string> next_key_columns(const Context& context, const ObjectId& relation) {
  const auto index = context.from.index_of(relation);
  if (!index) return {};
  for (const auto child : context.from.children(*index)) {
    const ObjectId& key = context.from.at(child).id;
    if (!key.is(*kPrimaryKey)) continue;
    const Object* next = context.to.find(key);
    if (next == nullptr) return {};
    auto columns = next->get(keys::kColumns);
    const auto stays = [&](const std::string& name) {
      const ObjectId id{kColumn, {relation.path[0], relation.path[1], name}};
      const Object *before = context.from.find(id), *after = context.to.find(id);
      return before != nullptr && after != nullptr && !context.is_new(id) &&
             before->value(keys::kType.name) == after->value(keys::kType.name);
    };
    return std::all_of(columns.begin(), columns.end(), stays) ? columns : std::vector<std::string>();
  }
  return {};
}

}  // namespace

std::string saved_columns(const Context& context, const ObjectId& relation, const std::string& column) {
  std::string text;
  auto keys = key_columns(context.from, relation);
  const auto goes = [&](const std::string& key) {
    return key != column && context.is_new({kColumn, {relation.path[0], relation.path[1], key}});
  };
  const bool loses = std::any_of(keys.begin(), keys.end(), [&](const std::string& key) { return key == column || goes(key); });
  if (auto next = loses ? next_key_columns(context, relation) : List(); !next.empty()) keys = std::move(next);
  const std::size_t all = keys.size();
  std::erase_if(keys, goes);
  if (keys.empty() || keys.size() < all) text = "ctid, ";
  for (const auto& key : keys) {
    if (key != column) text += support::quote_identifier(key) + ", ";
  }
  return text + support::quote_identifier(column);
}

std::vector<ObjectId> indexes_above(const Object& part, const Catalog& catalog) {
  std::vector<ObjectId> found;
  const Object* table = catalog.find(relation_of(part.id));
  while (table != nullptr && table->has(keys::kPartitionOf)) {
    const auto above = catalog.index_of({kTable, table->get(keys::kPartitionOf)});
    if (!above) break;
    for (const auto child : catalog.children(*above)) {
      const ObjectId& id = catalog.at(child).id;
      if (id.is(*kIndex) || id.is(*kUnique)) found.push_back(id);
    }
    table = &catalog.at(*above);
  }
  return found;
}

std::optional<ObjectId> key_attached_to(const Catalog& catalog, const ObjectId& partition, const std::string& index) {
  const auto table = catalog.index_of(partition);
  if (!table) return std::nullopt;
  for (const auto child : catalog.children(*table)) {
    if (catalog.at(child).get(keys::kAttachedTo) == index) return catalog.at(child).id;
  }
  return std::nullopt;
}

bool is_partitioned(const Catalog& catalog, const ObjectId& relation) {
  const Object* table = catalog.find(relation);
  return table != nullptr && table->has(keys::kPartitionBy);
}

std::vector<ObjectId> partitions(const Catalog& catalog, const ObjectId& relation) {
  std::vector<ObjectId> found;
  const auto index = catalog.index_of(relation);
  if (!index) return found;
  for (const auto& edge : catalog.edges_to(*index)) {
    const Object& object = catalog.at(edge.dependent);
    if (object.id.is(*kTable) && object.get(keys::kPartitionOf) == List(relation.path)) found.push_back(object.id);
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool stays_default(const ObjectId& partition, const Context& context) {
  const Object *before = context.from.find(partition), *after = context.to.find(partition);
  return before != nullptr && after != nullptr && !context.is_new(partition) &&
         before->get(keys::kBound) == keys::kDefaultBound && after->get(keys::kBound) == keys::kDefaultBound &&
         before->get(keys::kPartitionOf) == after->get(keys::kPartitionOf);
}

std::optional<ObjectId> default_beside(const Object& partition, const Context& context) {
  for (const ObjectId& other : partitions(context.from, {kTable, partition.get(keys::kPartitionOf)})) {
    if (other != partition.id && stays_default(other, context) && context.online(other)) return other;
  }
  return std::nullopt;
}

bool all_new(const Context& context, const ObjectId& relation, const std::vector<std::string>& columns) {
  return std::all_of(columns.begin(), columns.end(), [&](const std::string& column) {
    return context.is_new(ObjectId{kColumn, {relation.path[0], relation.path[1], column}});
  });
}

bool is_remade(const Context& context, const ObjectId& relation) {
  return relation.is(*kTable) && context.is_new(relation) && context.from.contains(relation) && context.to.contains(relation);
}

bool has_now(const Context& context, const ObjectId& relation, const std::vector<std::string>& columns) {
  const bool remade = is_remade(context, relation);
  if (context.is_new(relation) && !remade) return false;
  return std::all_of(columns.begin(), columns.end(), [&](const std::string& column) {
    const ObjectId id{kColumn, {relation.path[0], relation.path[1], column}};
    return remade ? context.from.contains(id) : !context.is_new(id);
  });
}

std::vector<ObjectId> leans_on(const Object& object, const Context& context) {
  std::vector<ObjectId> used;
  const auto index = context.to.index_of(object.id);
  if (!index) return used;  // a partition's share of its table's key
  for (const auto& edge : context.to.edges_from(*index)) {
    used.push_back(context.to.at(edge.referenced).id);
  }
  return used;
}

bool has_named(const Catalog& side, const std::string& schema, const std::string& name) {
  return std::any_of(side.objects().begin(), side.objects().end(), [&](const Object& object) {
    return object.id.path.size() > 1 && object.id.path.back() == name && object.id.path.front() == schema;
  });
}

std::string numbered_name(const std::string& wanted, const std::function<bool(const std::string&)>& is_taken) {
  std::string name = short_name(wanted);
  for (int number = 1; is_taken(name); ++number) name = short_name(wanted + std::to_string(number));
  return name;
}

bool identifies_rows(const Catalog& side, const Object& index) {
  const Object* table = side.find(relation_of(index.id));
  return table != nullptr && table->get(keys::kReplicaIdentity) == "index " + index.id.path[2];
}

std::string transitional_name(const Context& context, const std::string& schema, const std::string& wanted) {
  std::string name = short_name("lockstep_" + wanted);
  for (int next = 2; has_named(context.from, schema, name) || has_named(context.to, schema, name); ++next) {
    name = short_name("lockstep_" + wanted + std::to_string(next));
  }
  return name;
}

std::string short_name(const std::string& wanted) {
  constexpr std::size_t kMost = 63;
  constexpr std::size_t kDigits = 8;
  if (wanted.size() <= kMost) return wanted;
  std::size_t cut = kMost - kDigits - 1;
  while (cut > 0 && (static_cast<unsigned char>(wanted[cut]) & 0xC0U) == 0x80U) --cut;  // not inside a UTF-8 character
  return wanted.substr(0, cut) + "_" + support::sha256(wanted).substr(0, kDigits);
}

}  // namespace lockstep::recipes
