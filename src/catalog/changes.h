// Small questions about a change, and its inverse.
#pragma once

#include <algorithm>
#include <string_view>
#include <utility>

#include "catalog/change.h"

namespace lockstep::catalog {

// Whether the change sets, removes or alters the attribute.
inline bool changes(const Change& change, std::string_view attribute) {
  return std::any_of(change.attributes.begin(), change.attributes.end(),
                     [&](const AttributeChange& item) { return item.attribute == attribute; });
}

// The change that takes it back.
inline Change inverted(Change change) {
  if (change.what != Change::What::set)
    change.what = change.what == Change::What::added ? Change::What::removed : Change::What::added;
  for (auto& attribute : change.attributes) std::swap(attribute.from, attribute.to);
  return change;
}

}  // namespace lockstep::catalog
