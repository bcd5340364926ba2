// The attributes of a composite type, and their order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// In the order of the declaration or of the catalog.
std::vector<const Object*> attributes_of(const ObjectId& composite, const Catalog& catalog);
// "x double precision COLLATE c"; `collate` is the keyword to use.
std::string attribute_text(const Object& attribute, std::string_view collate);

// Whether the attributes on both sides are in another order, or a new one precedes one of them.
bool reordered(const Object& from, const Object& to);

}  // namespace lockstep::kinds
