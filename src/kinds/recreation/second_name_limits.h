// What prevents that a column has its new name beside the old one. Pure.
#pragma once

#include <string>

#include "kinds/kind.h"

namespace lockstep::kinds {

// Whether the relation's schema, or the column's relation, has something of that name. Names that a rename gives up are taken
// until then.
bool is_name_taken(const ObjectId& place, const std::string& name, const Context& context);
// Why, for a person; empty: nothing does.
std::string no_second_name(const ObjectId& column, const std::string& name, const Context& context);

}  // namespace lockstep::kinds
