// Where values of a type are stored: what a change of a domain or an enum has to read or rewrite. Takes the live catalog's
// dependencies; pure.
#pragma once

#include <string>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// Live columns that hold values of the type itself or of a domain over it, one of a partition tree standing for all: not
// those a table inherits. Not seen: values inside other composites and ranges.
std::vector<const Object*> stored_columns(const ObjectId& type, const Context& context);
ObjectId relation_of(const Object& column);
// Rows for which `column<condition>` holds (" IS NULL", "::text = …") break the rule.
plan::DataCheck check_of(const Object& column, std::string rule, const std::string& condition, const Context& context);

}  // namespace lockstep::kinds
