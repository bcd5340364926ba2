// One part of a database schema: a table, a column, a default, a constraint, a comment. Each is an object of its own, so that
// "drop a column used by a view that a role has a grant on" is three edges and no special case.
//
// This module doesn't know which kinds exist: a kind is an opaque tag with a name.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/attributes.h"
#include "catalog/path.h"
#include "catalog/value.h"

namespace lockstep::catalog {

struct KindTag {
  std::string_view name;  // "table", "foreign_key"; unique, static storage
};
// The tag with this name, for ids read from a plan file. The tag is never freed. Thread-safe.
const KindTag* intern_kind(std::string_view name);

// Identity: the kind, and the names from the outermost inwards. A column is {"shop", "orders", "id"}; a function's last part is
// its identity arguments. The path of a satellite (comment, grant …) begins with the name of its target's kind, since objects
// of two kinds may have equal paths.
struct ObjectId {
  const KindTag* kind = nullptr;
  Path path;

  bool is(const KindTag& tag) const { return kind->name == tag.name; }
  friend bool operator==(const ObjectId& a, const ObjectId& b) {
    return a.path == b.path && (a.kind == b.kind || a.kind->name == b.kind->name);
  }
  friend bool operator<(const ObjectId& a, const ObjectId& b) {
    if (a.kind != b.kind && a.kind->name != b.kind->name) return a.kind->name < b.kind->name;
    return a.path < b.path;
  }
};
std::string to_string(const ObjectId& id);  // "foreign_key shop.orders.orders_customer_fk", for reports, logs and tests

struct ObjectIdHash {
  std::size_t operator()(const ObjectId& id) const;
};

struct Object {
  ObjectId id;
  std::optional<ObjectId> parent;
  Attributes attributes;

  const Value& value(std::string_view name) const;  // absent if the object has no such attribute
  void set(std::string_view name, Value value);     // an absent value removes it
  template <class T>
  bool has(Attr<T> key) const {
    return !is_absent(value(key.name));
  }
  // The value, or T{} if it is absent. Throws std::bad_variant_access if the value has another type, which is a bug.
  template <class T>
  T get(Attr<T> key) const {
    const Value& found = value(key.name);
    return is_absent(found) ? T{} : std::get<T>(found);
  }
};

}  // namespace lockstep::catalog
