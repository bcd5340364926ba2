// Converts options as PostgreSQL stores them ("name=value") to SQL and to the schema language.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "catalog/value.h"

namespace lockstep::kinds {

// "fillfactor = 70, check_option = local": the contents of WITH (…), which SQL and the schema language write alike.
std::string options_text(const catalog::List& options);
// The ALTER actions that lead from one list to the other: "SET (…)", "RESET (…)", both or none.
std::vector<std::string> option_actions(const catalog::List& from, const catalog::List& to);

// Splits "name=value". A text without "=" is a name with an empty value.
std::pair<std::string, std::string> split_option(const std::string& option);

std::map<std::string, std::string> options_by_name(const catalog::List& options);

}  // namespace lockstep::kinds
