// What the text of a function's body mentions. PostgreSQL records no dependency for it. Pure.
#pragma once

#include <set>
#include <string>

#include "catalog/object.h"

namespace lockstep::kinds {

// Whether the object has a body that is kept as text and read when it runs.
bool has_body(const catalog::Object& object);
// Every name and word in that text, as PostgreSQL folds them ("Order" of "\"Order\"", order of ORDER), comments and strings
// included: a hint, never the truth.
std::set<std::string> words_of_body(const catalog::Object& object);

}  // namespace lockstep::kinds
