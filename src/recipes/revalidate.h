// Makes a valid constraint NOT VALID again. PostgreSQL has no statement for that, so the constraint is dropped and added NOT
// VALID in one transaction (ACCESS EXCLUSIVE, brief, no scan).
// Safe because: nothing is demanded that wasn't before. Undo: VALIDATE CONSTRAINT (validate.h). Watch: nothing.
#pragma once

#include "recipes/context.h"

namespace lockstep::recipes {

plan::Step unvalidate(const Object& constraint, const std::string& definition);

}  // namespace lockstep::recipes
