// The words in the text of a function's body, since PostgreSQL records no dependencies for it. Pure.
#pragma once

#include <set>
#include <string>

#include "catalog/object.h"

namespace lockstep::kinds {

// Whether the object has a body that PostgreSQL stores as text and parses when it runs.
bool has_body(const catalog::Object& object);
// support::sql_words of that text.
std::set<std::string> words_of_body(const catalog::Object& object);

}  // namespace lockstep::kinds
