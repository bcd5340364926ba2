// The generic form of a declaration: `operator class x (name = value, …)`, for kinds without words of their own.
//
// Derived from the attribute table, so parser and printer agree by construction: raw SQL for an `expression` attribute, a
// string for another text, `(name = value, …)` for a list. Owner and derived attributes are not said here.
#pragma once

#include <string>

#include "kinds/kind.h"

namespace lockstep::kinds {

// " (handler = s.h, options = (debug = true))", or empty when the object says nothing.
std::string properties_text(const KindSpec& kind, const Object& object);

}  // namespace lockstep::kinds
