// Asks whether a value is null as NOT NULL, keys and defaults mean it.
#pragma once

#include <string>

namespace lockstep::recipes {

// Of a row type IS NULL asks the fields: ROW(1, NULL) IS NULL is false, and so is ROW(1, NULL) IS NOT NULL. IS [NOT] DISTINCT
// FROM NULL asks the value itself, and is the same to PostgreSQL otherwise (a NullTest, which also proves NOT NULL without a
// scan). `type`: as PostgreSQL prints it; only types of users, which it qualifies, can be row types.
std::string is_null(const std::string& value, const std::string& type);
std::string is_not_null(const std::string& value, const std::string& type);

}  // namespace lockstep::recipes
