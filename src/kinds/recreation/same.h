// Whether a plan leaves alone what is moved to a successor as it is (docs/adr/0028). Pure.
#pragma once

#include <string>

#include "kinds/kind.h"

namespace lockstep::kinds {

// Whether the two agree in all that isn't derived from other objects, or said elsewhere.
bool same(const Object& before, const Object& after);
// A satellite of the column (its comment, privileges …) that changes, comes or goes, as a reason; empty: none.
std::string other_satellites(const ObjectId& column, const Context& context);

}  // namespace lockstep::kinds
