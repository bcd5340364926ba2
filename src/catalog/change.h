// What differs between two catalogs, and the one generic differ: no kind has one of its own (held by a guard test).
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"

namespace lockstep::catalog {

struct AttributeChange {
  std::string_view attribute;
  Value from;
  Value to;
};

struct Change {
  enum class What { added, removed, set };
  What what = What::set;
  ObjectId id;
  std::vector<AttributeChange> attributes;  // only for `set`, sorted by name
};

// Decides whether two differing values count as equal (an attribute not stated, a text that is equal once elaborated).
using SameValue = std::function<bool(const Object& from, const Object& to, std::string_view attribute)>;

// In id order. O(n) over both sorted lists.
std::vector<Change> diff(const Catalog& from, const Catalog& to, const SameValue& same = {});

}  // namespace lockstep::catalog
