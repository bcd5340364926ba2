// Options as PostgreSQL stores them ("name=value" texts) turned into SQL and language text.
#pragma once

#include <string>
#include <vector>

#include "catalog/value.h"

namespace lockstep::kinds {

// "fillfactor = 70, check_option = local": the inside of WITH (…), in SQL and in the language alike.
std::string options_text(const catalog::List& options);
// The ALTER actions from one list to the other: "SET (…)" and "RESET (…)", whichever are needed.
std::vector<std::string> option_actions(const catalog::List& from, const catalog::List& to);

// "host 'db1', port '5432'": the inside of a foreign object's OPTIONS (…).
std::string foreign_options_text(const catalog::List& options);
// "ADD host 'db1', SET port '1', DROP dbname": the inside of ALTER … OPTIONS (…); empty when nothing differs.
std::string foreign_option_changes(const catalog::List& from, const catalog::List& to);

// Splits "name=value"; a text without "=" is a name with an empty value.
std::pair<std::string, std::string> split_option(const std::string& option);

}  // namespace lockstep::kinds
