// Makes a valid constraint NOT VALID again. PostgreSQL has no statement for that, so the constraint is dropped and added NOT
// VALID in one transaction (ACCESS EXCLUSIVE, brief, no scan).
#pragma once

#include "recipes/context.h"

namespace lockstep::recipes {

plan::Step unvalidate(const Object& constraint, const std::string& definition);

}  // namespace lockstep::recipes
