#include "catalog/catalog.h"

#include <algorithm>
#include <numeric>

#include "support/digest.h"
#include "support/error.h"

namespace lockstep::catalog {

Catalog::Catalog(std::vector<Object> objects, std::vector<Edge> edges) {
  std::vector<Index> order(objects.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::sort(order.begin(), order.end(), [&](Index a, Index b) { return objects[a].id < objects[b].id; });
  std::vector<Index> position(objects.size());
  objects_.reserve(objects.size());
  by_id_.reserve(objects.size());
  for (Index sorted = 0; sorted < order.size(); ++sorted) {
    position[order[sorted]] = sorted;
    objects_.push_back(std::move(objects[order[sorted]]));
    if (!by_id_.emplace(objects_.back().id, sorted).second) {
      throw support::InternalError("two objects are " + to_string(objects_.back().id));
    }
  }
  children_.resize(objects_.size());
  for (Index i = 0; i < objects_.size(); ++i) {
    if (!objects_[i].parent) continue;
    const auto found = by_id_.find(*objects_[i].parent);
    if (found == by_id_.end()) {
      throw support::InternalError(to_string(objects_[i].id) + " hangs on " + to_string(*objects_[i].parent) +
                                   ", which is not there");
    }
    children_[found->second].push_back(i);
  }
  for (auto& edge : edges) edge = Edge{position[edge.dependent], position[edge.referenced], edge.automatic};
  std::sort(edges.begin(), edges.end());
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

const Object* Catalog::find(const ObjectId& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &objects_[found->second];
}

std::optional<Index> Catalog::index_of(const ObjectId& id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  return found->second;
}

std::optional<Index> Catalog::parent(Index index) const {
  if (!objects_[index].parent) return std::nullopt;
  return by_id_.at(*objects_[index].parent);
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
