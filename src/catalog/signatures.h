// How people read the ids of routines: "function shop.tidy(text)", not "function shop.tidy.text".
#pragma once

#include "catalog/object.h"

namespace lockstep::catalog {

// The last name of this kind's ids is a list of argument types: to_string() puts it in parentheses. For the registry of kinds,
// before main() begins; the tag must live for ever.
void last_name_is_signature(const KindTag& kind);

}  // namespace lockstep::catalog
