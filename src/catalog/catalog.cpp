#include "catalog/catalog.h"

#include <algorithm>
#include <numeric>

#include "support/digest.h"
#include "support/error.h"

namespace lockstep::catalog {

namespace {

// Of an open hash table: where the id is, or would be. `none`: what an empty slot has.
std::size_t slot_of(const ObjectId& id, const std::vector<Object>& objects, const std::vector<Index>& slots, Index none) {
  const std::size_t last = slots.size() - 1, hash = ObjectIdHash{}(id);
  std::size_t slot = hash & last;
  while (slots[slot] != none && objects[slots[slot]].id != id) slot = (slot + 1) & last;
  return slot;
}

}  // namespace

Catalog::Catalog(std::vector<Object> objects, std::vector<Edge> edges) {
  std::vector<Index> order(objects.size());
  std::iota(order.begin(), order.end(), Index{0});
  const auto before = [&](Index a, Index b) { return objects[a].id < objects[b].id; };
  if (!std::is_sorted(order.begin(), order.end(), before)) std::sort(order.begin(), order.end(), before);
  std::vector<Index> position(objects.size());
  objects_.reserve(objects.size());
  for (Index sorted = 0; sorted < order.size(); ++sorted) {
    position[order[sorted]] = sorted;
    objects_.push_back(std::move(objects[order[sorted]]));
    if (sorted > 0 && objects_[sorted - 1].id == objects_[sorted].id) {
      throw support::InternalError("two objects are " + to_string(objects_.back().id));
    }
  }
  std::size_t size = 16;
  while (size < 2 * objects_.size()) size *= 2;
  slots_.assign(size, kNone);
  for (Index i = 0; i < objects_.size(); ++i) slots_[slot_of(objects_[i].id, objects_, slots_, kNone)] = i;
  children_.resize(objects_.size());
  parents_.assign(objects_.size(), kNone);
  for (Index i = 0; i < objects_.size(); ++i) {
    if (!objects_[i].parent) continue;
    parents_[i] = place_of(*objects_[i].parent);
    if (parents_[i] == kNone) {
      throw support::InternalError(to_string(objects_[i].id) + " hangs on " + to_string(*objects_[i].parent) +
                                   ", which is not there");
    }
    children_[parents_[i]].push_back(i);
  }
  for (auto& edge : edges) edge = Edge{position[edge.dependent], position[edge.referenced], edge.automatic};
  if (!std::is_sorted(edges.begin(), edges.end())) std::sort(edges.begin(), edges.end());
  from_.resize(objects_.size());
  to_.resize(objects_.size());
  for (const auto& edge : edges) {
    auto& known = from_[edge.dependent];
    // Sorted; "normal" sorts before "automatic", so an object that depends in both ways counts as normal.
    if (!known.empty() && known.back().referenced == edge.referenced) continue;
    known.push_back(edge);
    to_[edge.referenced].push_back(edge);
  }
}

Index Catalog::place_of(const ObjectId& id) const {
  return objects_.empty() ? kNone : slots_[slot_of(id, objects_, slots_, kNone)];
}

const Object* Catalog::find(const ObjectId& id) const {
  const Index found = place_of(id);
  return found == kNone ? nullptr : &objects_[found];
}

std::optional<Index> Catalog::index_of(const ObjectId& id) const {
  const Index found = place_of(id);
  if (found == kNone) return std::nullopt;
  return found;
}

std::optional<Index> Catalog::parent(Index index) const {
  if (parents_[index] == kNone) return std::nullopt;
  return parents_[index];
}

Index Catalog::root(Index index) const {
  Index current = index;
  while (const auto up = parent(current)) {
    if (!parent(*up)) return current;  // `up` is a schema or another database-level object
    current = *up;
  }
  return current;
}

std::vector<Edge> Catalog::edges() const {
  std::vector<Edge> all;
  for (const auto& list : from_) all.insert(all.end(), list.begin(), list.end());
  return all;
}

namespace {
std::string canonical(const Object& object) {
  std::string text = to_string(object.id) + "\n";
  for (const auto& [name, value] : object.attributes) text += std::string(name) + "=" + to_string(value) + "\n";
  return text;
}
}  // namespace

std::string Catalog::fingerprint(Index index) const {
  return support::sha256(canonical(objects_[index]));
}

std::string Catalog::fingerprint() const {
  support::Sha256 digest;
  for (const auto& object : objects_) digest.update(canonical(object));
  return digest.hex();
}

}  // namespace lockstep::catalog
