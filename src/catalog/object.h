// One part of a database schema: a table, a column, a default, a constraint, a comment … each an object of its own.
// At that grain "drop a column used by a view whose grant hangs on a role" is three edges, not a special case.
//
// Nothing here knows which kinds exist: a kind is an opaque tag with a name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/value.h"

namespace lockstep::catalog {

struct KindTag {
  std::string_view name;  // "table", "foreign_key"; unique, static storage
};
// A tag with this name that lives forever: for ids read back from a plan file. Thread-safe.
const KindTag* intern_kind(std::string_view name);

using Path = std::vector<std::string>;

// Identity: the kind and the names from the outermost in. {"shop", "orders", "id"} for a column; a function's last part is
// its identity arguments. Satellites (comment, grant) are prefixed with their target's kind, since two kinds may share a path.
struct ObjectId {
  const KindTag* kind = nullptr;
  Path path;

  bool is(const KindTag& tag) const { return kind->name == tag.name; }
  friend bool operator==(const ObjectId& a, const ObjectId& b) { return a.kind->name == b.kind->name && a.path == b.path; }
  friend bool operator<(const ObjectId& a, const ObjectId& b) {
    return a.kind->name != b.kind->name ? a.kind->name < b.kind->name : a.path < b.path;
  }
};
std::string to_string(const ObjectId& id);  // "foreign_key shop.orders.orders_customer_fk", for reports, logs and tests

struct ObjectIdHash {
  std::size_t operator()(const ObjectId& id) const;
};

struct Object {
  ObjectId id;
  std::optional<ObjectId> parent;
  std::vector<std::pair<std::string_view, Value>> attributes;  // sorted by name, no absent values; names have static storage

  const Value& value(std::string_view name) const;  // absent where there is none
  void set(std::string_view name, Value value);     // an absent value removes it
  template <class T>
  bool has(Attr<T> key) const {
    return !is_absent(value(key.name));
  }
  // The value, or T{} where it is absent. A value of another type is a bug and throws std::bad_variant_access.
  template <class T>
  T get(Attr<T> key) const {
    const Value& found = value(key.name);
    return is_absent(found) ? T{} : std::get<T>(found);
  }
};

}  // namespace lockstep::catalog
