// The functions of transitional triggers.
#pragma once

#include <string>
#include <vector>

namespace lockstep::recipes {

// CREATE FUNCTION lockstep.NAME() … LANGUAGE plpgsql. Names in `body` are looked up as the plan's are, whatever the writer's
// search_path; `settings` are names of settings that also have the plan's values. The body may contain expressions of the files
// over the row: a column comes before a variable of the same name (new, found, tg_op), and a backslash is one whatever the
// writer's standard_conforming_strings. Never OR REPLACE: a function that somebody else has created under this name would stay
// theirs, and would run with the rights of whoever writes a row.
std::string trigger_function(const std::string& name, const std::string& body, const std::vector<std::string>& settings = {});

}  // namespace lockstep::recipes
