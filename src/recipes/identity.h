// Statements that change a column's identity: brief, ACCESS EXCLUSIVE, no scan. The column is NOT NULL already.
#pragma once

#include "recipes/context.h"

namespace lockstep::recipes {

std::vector<std::string> identity_statements(const Object& from, const Object& to, const std::string& alter_column);

}  // namespace lockstep::recipes
