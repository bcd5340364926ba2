// Which types, as format_type() prints them, contain all values of another type.
#pragma once

#include <string>

namespace lockstep::recipes {

// Whether every value of the first type converts to the second and back without change: a wider number, a longer varchar, an
// array of such elements. False if that is not known. Source: PostgreSQL's documentation of its data types.
bool widens(const std::string& from, const std::string& to);

}  // namespace lockstep::recipes
