// A whole database schema as one immutable value: objects sorted by id, and who depends on whom (from pg_depend).
// `declared` (what the user wrote), `desired` (what PostgreSQL makes of it) and `live` (what exists) are values of this type.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "catalog/object.h"

namespace lockstep::catalog {

using Index = std::uint32_t;

// `automatic`: PostgreSQL drops `dependent` along with `referenced` by itself (deptype a), as a sequence with its column.
struct Edge {
  Index dependent = 0;
  Index referenced = 0;
  bool automatic = false;
  friend auto operator<=>(const Edge&, const Edge&) = default;
};

class Catalog {
 public:
  Catalog() = default;
  // Sorts. Throws InternalError on two objects of one id or a parent that is not there.
  // `edges` index into `objects` as given.
  explicit Catalog(std::vector<Object> objects, std::vector<Edge> edges = {});

  const std::vector<Object>& objects() const { return objects_; }
  const Object& at(Index index) const { return objects_[index]; }
  const Object* find(const ObjectId& id) const;  // nullptr: not there. Valid as long as the catalog
  std::optional<Index> index_of(const ObjectId& id) const;
  bool contains(const ObjectId& id) const { return index_of(id).has_value(); }
  const std::vector<Index>& children(Index index) const { return children_[index]; }  // in id order
  std::optional<Index> parent(Index index) const;
  // Outermost ancestor-or-self, e.g. the table of a column comment's column … up to the object directly in the schema.
  Index root(Index index) const;
  const std::vector<Edge>& edges_from(Index dependent) const { return from_[dependent]; }  // what it needs
  const std::vector<Edge>& edges_to(Index referenced) const { return to_[referenced]; }    // what needs it
  std::vector<Edge> edges() const;

  // Of one object (attributes only) and of the whole (objects and attributes, not edges): SHA-256.
  std::string fingerprint(Index index) const;
  std::string fingerprint() const;

 private:
  std::vector<Object> objects_;
  std::unordered_map<ObjectId, Index, ObjectIdHash> by_id_;
  std::vector<std::vector<Index>> children_;
  std::vector<std::vector<Edge>> from_, to_;
};

}  // namespace lockstep::catalog
