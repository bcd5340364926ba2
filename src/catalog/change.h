// The differences between two catalogs, and the only function that computes them. No kind has a diff of its own (a guard test
// checks that).
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

// Decides whether two unequal values count as equal: an attribute that is not stated, or a text that is equal after
// elaboration.
using SameValue = std::function<bool(const Object& from, const Object& to, std::string_view attribute)>;

// Whether all attributes are equal, or count as equal.
bool same_attributes(const Object& from, const Object& to, const SameValue& same);

// In id order. Takes O(n) time in the sizes of both sorted lists.
std::vector<Change> diff(const Catalog& from, const Catalog& to, const SameValue& same = {});

}  // namespace lockstep::catalog
