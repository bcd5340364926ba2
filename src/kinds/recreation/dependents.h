// Where values of a type are stored, which a change of a domain or an enum has to read or rewrite. Uses the live catalog's
// dependencies; pure.
#pragma once

#include <string>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// The live columns of the type itself or of a domain over it. Inherited columns are left out, so that a partition tree is
// listed once. Values inside composites and ranges are not found (stored_values.h finds those).
std::vector<const Object*> stored_columns(const ObjectId& type, const Context& context);
ObjectId relation_of(const Object& column);
// A check that is broken by the rows for which `column<condition>` holds (" IS NULL", "::text = …").
plan::DataCheck check_of(const Object& column, std::string rule, const std::string& condition, const Context& context);

}  // namespace lockstep::kinds
