// The first step of the way back from a hold in which columns have other names and other types: it gives the old names back
// (docs/adr/0041). The triggers that keep the old columns up to date are replaced in its transaction by those that know these
// names.
#pragma once

#include "kinds/kind.h"
#include "recipes/column_succession.h"

namespace lockstep::kinds {

// `step`: renames the columns back. Adds what goes before it and comes after it, and what is asked of the rows. Nothing if the
// columns aren't held.
void take_names_back(const recipes::Succession& succession, const Context& context, Step& step);

}  // namespace lockstep::kinds
