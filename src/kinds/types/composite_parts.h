// What a composite type and its attributes say of each other.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// In the order they were declared or stand in the catalog.
std::vector<const Object*> attributes_of(const ObjectId& composite, const Catalog& catalog);
// "x double precision COLLATE c", with the word as given.
std::string attribute_text(const Object& attribute, std::string_view collate);

// The attributes that stay are in another order, or a new one stands before one of them.
bool reordered(const Object& from, const Object& to);

}  // namespace lockstep::kinds
