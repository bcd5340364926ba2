// Options as PostgreSQL stores them ("name=value" texts) turned into SQL and language text.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "catalog/value.h"

namespace lockstep::kinds {

// "fillfactor = 70, check_option = local": the inside of WITH (…), in SQL and in the language alike.
std::string options_text(const catalog::List& options);
// The ALTER actions from one list to the other: "SET (…)" and "RESET (…)", whichever are needed.
std::vector<std::string> option_actions(const catalog::List& from, const catalog::List& to);

// Splits "name=value"; a text without "=" is a name with an empty value.
std::pair<std::string, std::string> split_option(const std::string& option);

std::map<std::string, std::string> options_by_name(const catalog::List& options);

}  // namespace lockstep::kinds
