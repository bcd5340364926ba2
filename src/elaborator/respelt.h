// Declared ids under the names that PostgreSQL gives them: an unnamed constraint's, a function's argument types.
#pragma once

#include <map>

#include "catalog/catalog.h"

namespace lockstep::elaborator {

// A function, procedure or aggregate: its last name is its arguments.
bool is_routine(const catalog::Object& object);

// Only those that differ.
using Respelt = std::map<catalog::ObjectId, catalog::ObjectId>;
Respelt respelt_ids(const catalog::Catalog& declared, const catalog::Catalog& desired);
// Also of a comment or a grant, whose target is spelt otherwise.
catalog::ObjectId respell(const catalog::ObjectId& id, const Respelt& respelt);

}  // namespace lockstep::elaborator
