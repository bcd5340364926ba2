// What a table or view consists of and what hangs on it, as lines that are the same on a database and its scratch copy: names
// and types, no printed expressions, no OIDs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "postgres/session.h"

namespace lockstep::executor {

inline constexpr const char* kIsTable = "a table";  // the line that says so

// One line of a shape, with what it concerns.
struct ShapeLine {
  std::string text;
  std::string part;                  // "itself", "member" (a column), "child", "user" (whatever else hangs on it)
  std::vector<std::string> columns;  // that it is or uses; empty: none, or not known (a trigger's function may use any)
};
std::map<std::string, std::vector<ShapeLine>> relation_lines(postgres::Session& session,
                                                             const std::vector<std::string>& relations);

// By qualified name, as given; what doesn't exist is left out. Lines are sorted. One query. Types are printed under the
// session's search_path.
std::map<std::string, std::vector<std::string>> relation_shapes(postgres::Session& session,
                                                                const std::vector<std::string>& relations);

}  // namespace lockstep::executor
