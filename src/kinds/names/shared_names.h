// The names that objects of several kinds share: in a schema there is one relation (NameScope) and one type of a name, and a
// table or view is a type too. Pure.
#pragma once

#include <string>
#include <vector>

#include "catalog/object.h"

namespace lockstep::kinds {

// As texts to compare: two objects with a common one exclude each other. Empty: only others of its own kind can have its name.
std::vector<std::string> shared_names(const catalog::ObjectId& id);

}  // namespace lockstep::kinds
