// The names and words in a text of SQL.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace lockstep::support {

// Folded as PostgreSQL folds them (Order from "Order", order from ORDER), including those in comments, strings and quoted names.
// The result is a hint: a word need not be a name. Pure.
std::set<std::string> sql_words(std::string_view text);

}  // namespace lockstep::support
