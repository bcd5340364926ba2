#include "kinds/constraints/displaced.h"

#include <string_view>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/registry.h"
#include "recipes/adopted_share.h"
#include "recipes/concurrent_index.h"

namespace lockstep::kinds {
namespace {

using catalog::Index;

void add_indexes_of(const ObjectId& table, const Catalog& from, std::vector<ObjectId>& found) {
  const auto index = from.index_of(table);
  if (!index) return;
  for (const Index child : from.children(*index)) {
    if (of(from.at(child).id).is_relation()) found.push_back(from.at(child).id);
  }
}

// Of its partitions and children, at every level.
void add_indexes_below(const ObjectId& table, const Catalog& from, std::vector<ObjectId>& found) {
  const auto index = from.index_of(table);
  if (!index) return;
  for (const auto& edge : from.edges_to(*index)) {
    const ObjectId& below = from.at(edge.dependent).id;
    if (below.kind != table.kind || below == table) continue;
    add_indexes_of(below, from, found);
    add_indexes_below(below, from, found);
  }
}

// Whether it is the name, or a numbered one, that PostgreSQL gives to something that it calls `chosen`.
bool is_called_so(std::string_view name, std::string_view chosen) {
  return name.starts_with(chosen) && name.find_first_not_of("0123456789", chosen.size()) == std::string_view::npos;
}

// Indexes of the tables above whose shares here have the index's name: nothing in a catalog says so.
void add_owners_of_its_name(const Object& index, const Catalog& from, std::vector<ObjectId>& found) {
  std::vector<ObjectId> way;  // from the partition upwards
  for (const Object* table = from.find(*index.parent); table != nullptr && table->has(keys::kPartitionOf);) {
    way.push_back(table->id);
    const ObjectId above{table->id.kind, table->get(keys::kPartitionOf)};
    table = from.find(above);
    for (const Index child : table != nullptr ? from.children(*from.index_of(above)) : std::vector<Index>{}) {
      const Object& one = from.at(child);
      if (!one.id.is(kIndex.tag)) continue;
      recipes::IndexText share{.name = one.id.path.back(), .definition = one.get(keys::kDefinition)};
      for (auto part = way.rbegin(); part != way.rend(); ++part) share = recipes::share_of(share, *part);
      if (is_called_so(index.id.path.back(), share.name)) found.push_back(one.id);
    }
  }
}

}  // namespace

std::vector<ObjectId> displaced_by_index(const Object& index, const Catalog& from, const Catalog& to) {
  std::vector<ObjectId> found;
  if (!index.parent) return found;
  add_indexes_below(*index.parent, from, found);
  add_owners_of_its_name(index, from, found);
  // Those that become shares of another new index are not taken for one of this.
  const auto table = to.index_of(*index.parent);
  for (const Index child : table ? to.children(*table) : std::vector<Index>{}) {
    const Object& other = to.at(child);
    if (!other.id.is(kIndex.tag) || other.id == index.id || from.contains(other.id)) continue;
    std::erase_if(found, [&](const ObjectId& below) {
      return below.is(kIndex.tag) && recipes::say_the_same(*from.find(below), other) &&
             !(index.id.is(kIndex.tag) && recipes::say_the_same(*from.find(below), index));
    });
  }
  return found;
}

std::vector<ObjectId> displaced_by_primary_key(const Object& key, const Catalog& from, const Catalog& to) {
  std::vector<ObjectId> found = displaced_by_index(key, from, to);
  const auto table = key.parent ? from.index_of(*key.parent) : std::nullopt;
  if (!table) return found;
  for (const Index child : from.children(*table)) {
    if (from.at(child).id.is(kPrimaryKey.tag)) found.push_back(from.at(child).id);
  }
  return found;
}

std::vector<ObjectId> displaced_by_foreign_key(const Object& key, const Catalog& from, const Catalog& to) {
  std::vector<ObjectId> found;
  for (const auto& edge : to.edges_from(*to.index_of(key.id))) {
    const Object& used = to.at(edge.referenced);
    if (used.parent && of(used.id).is_relation() && to.root(edge.referenced) != edge.referenced)
      add_indexes_of(*used.parent, from, found);
  }
  return found;
}

bool leans_on_either_key(const ObjectId& id) {
  return id.is(kForeignKey.tag);
}

std::vector<ObjectId> displaced_by_table(const Object& table, const Catalog& from, const Catalog& to) {
  std::vector<ObjectId> found;
  for (const auto& edge : to.edges_from(*to.index_of(table.id))) {
    const ObjectId& parent = to.at(edge.referenced).id;
    if (parent.kind == table.id.kind) add_indexes_of(parent, from, found);
  }
  return found;
}

}  // namespace lockstep::kinds
