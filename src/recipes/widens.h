// Types, as format_type() prints them, whose values are all values of another one.
#pragma once

#include <string>

namespace lockstep::recipes {

// Every value of the first type is the same value in the second, and comes back from it the same: a wider number, more room, the
// elements of an array so. False where that is not known. From PostgreSQL's documentation of its types.
bool widens(const std::string& from, const std::string& to);

}  // namespace lockstep::recipes
