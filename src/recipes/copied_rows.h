// The statements that copy all rows of a table into the relation that takes its name, and that compare the two before the old one
// goes. The guard of saved plans knows them by their text. Pure.
// They run under ACCESS EXCLUSIVE on the old table, in the one transaction that replaces it. Undo: the same copy the other way.
// Watch: room for a second table, and everybody who waits for it as long as the copy takes.
#pragma once

#include <string>
#include <vector>

namespace lockstep::recipes {

// `table`, `aside`: qualified. `columns`: plain names of those that hold values of their own.
std::string copy_rows(const std::string& table, const std::string& aside, const std::vector<std::string>& columns);
// Ends with an error unless both have as many rows.
std::string compare_counts(const std::string& table, const std::string& aside);

}  // namespace lockstep::recipes
