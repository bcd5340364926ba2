// The words in the text of a function's body, since PostgreSQL records no dependencies for it. Pure.
#pragma once

#include <set>
#include <string>

#include "catalog/object.h"

namespace lockstep::kinds {

// Whether the object has a body that PostgreSQL stores as text and parses when it runs.
bool has_body(const catalog::Object& object);
// Every name and word in that text, folded as PostgreSQL folds them ("Order" from "\"Order\"", order from ORDER), including
// those in comments and strings. The result is a hint: a word need not be a reference.
std::set<std::string> words_of_body(const catalog::Object& object);
// The same of any text of SQL.
std::set<std::string> words_of(const std::string& text);

}  // namespace lockstep::kinds
