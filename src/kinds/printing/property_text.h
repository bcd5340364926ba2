// The generic form of a declaration, `operator class x (name = value, …)`, for kinds without syntax of their own.
//
// It is derived from the attribute table, so parser and printer can't disagree: raw SQL for an `expression` attribute, a string
// for another text, `(name = value, …)` for a list. It leaves out the owner and derived attributes.
#pragma once

#include <string>

#include "kinds/kind.h"

namespace lockstep::kinds {

// " (handler = s.h, options = (debug = true))", or empty if no attribute is set.
std::string properties_text(const KindSpec& kind, const Object& object);

}  // namespace lockstep::kinds
