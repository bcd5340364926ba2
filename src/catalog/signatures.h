// Prints ids of routines as people write them: "function shop.tidy(text)", not "function shop.tidy.text".
#pragma once

#include "catalog/object.h"

namespace lockstep::catalog {

// Declares that the last name of this kind's ids is a list of argument types, which to_string() then puts in parentheses.
// REQUIRES: called by the registry of kinds before main() begins; the tag is never freed.
void last_name_is_signature(const KindTag& kind);

}  // namespace lockstep::catalog
