#include "kinds/constraints/displaced.h"

#include "kinds/kinds_list.h"
#include "kinds/registry.h"

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

}  // namespace

std::vector<ObjectId> displaced_by_index(const Object& index, const Catalog& from, const Catalog&) {
  std::vector<ObjectId> found;
  if (index.parent) add_indexes_below(*index.parent, from, found);
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
