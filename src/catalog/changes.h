// Asks a change about one attribute.
#pragma once

#include <algorithm>
#include <string_view>

#include "catalog/change.h"

namespace lockstep::catalog {

// Whether the change sets, removes or alters the attribute.
inline bool changes(const Change& change, std::string_view attribute) {
  return std::any_of(change.attributes.begin(), change.attributes.end(),
                     [&](const AttributeChange& item) { return item.attribute == attribute; });
}

}  // namespace lockstep::catalog
