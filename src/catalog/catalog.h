// A database schema as one immutable value: objects sorted by id, and dependencies from pg_depend.
// There are three: `declared` (what the user wrote), `desired` (what PostgreSQL made of it on a scratch database) and `live`
// (what exists in the target).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalog/object.h"

namespace lockstep::catalog {

using Index = std::uint32_t;

// `automatic`: PostgreSQL itself drops `dependent` with `referenced` (deptype a), as it does with a serial column's sequence.
struct Edge {
  Index dependent = 0;
  Index referenced = 0;
  bool automatic = false;
  friend auto operator<=>(const Edge&, const Edge&) = default;
};

class Catalog {
 public:
  Catalog() = default;
  // Sorts the objects. `edges` are indexes into `objects` as given.
  // Throws InternalError if two objects have one id, or if a parent does not exist.
  explicit Catalog(std::vector<Object> objects, std::vector<Edge> edges = {});

  const std::vector<Object>& objects() const { return objects_; }
  const Object& at(Index index) const { return objects_[index]; }
  const Object* find(const ObjectId& id) const;  // nullptr: not found. The pointer is valid as long as the catalog
  std::optional<Index> index_of(const ObjectId& id) const;
  bool contains(const ObjectId& id) const { return index_of(id).has_value(); }
  const std::vector<Index>& children(Index index) const { return children_[index]; }  // in id order
  std::optional<Index> parent(Index index) const;
  // The outermost ancestor, or the object itself: for the comment on a column, the table.
  Index root(Index index) const;
  const std::vector<Edge>& edges_from(Index dependent) const { return from_[dependent]; }  // what it depends on
  const std::vector<Edge>& edges_to(Index referenced) const { return to_[referenced]; }    // what depends on it
  std::vector<Edge> edges() const;

  // SHA-256 of one object (attributes only), and of the whole catalog (objects and attributes, not edges).
  std::string fingerprint(Index index) const;
  std::string fingerprint() const;

 private:
  static constexpr Index kNone = ~Index{0};
  Index place_of(const ObjectId& id) const;  // kNone: not found

  std::vector<Object> objects_;
  std::vector<Index> slots_;  // an open hash table of indexes: ids are long, and a map would have each of them a second time
  std::vector<Index> parents_;
  std::vector<std::vector<Index>> children_;
  std::vector<std::vector<Edge>> from_, to_;
};

}  // namespace lockstep::catalog
