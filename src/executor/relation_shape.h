// The shape of a table or view: its parts and its dependents, as lines that are equal on a database and on its scratch copy.
// They contain names and types, no printed expressions and no OIDs. Lines of part "code" may end with a digest of a printed text
// (" #9e10…"), which a copy may print in another way (reconciler/code_lines.h).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "session/session.h"

namespace lockstep::executor {

inline constexpr const char* kIsTable = "a table";  // the line for a table itself
// These begin the lines of part "code". A code index is one that calls what isn't PostgreSQL's own (inner_types.h).
inline constexpr std::string_view kCodeLines[] = {"rule ",  "generated column ", "enabled trigger ", "partition of ", "cast ",
                                                  "check ", "code index "};

// One line of a shape, and which part it is about.
struct ShapeLine {
  std::string text;
  // "itself", "member" (a column), "child", "code" (evaluated as rows are written: what has a line of its own as a user, such as
  // a trigger, apart), "user" (any other dependent)
  std::string part;
  // the columns that it is or uses; empty: none, or unknown (a trigger's function may use any)
  std::vector<std::string> columns;
};
std::map<std::string, std::vector<ShapeLine>> relation_lines(postgres::Session& session,
                                                             const std::vector<std::string>& relations);

// The line without its digest.
std::string_view without_digest(std::string_view line);

// By qualified name, as given; relations that don't exist are left out. Lines are sorted. One query. Types are printed with the
// session's search_path.
using Shapes = std::map<std::string, std::vector<std::string>>;
Shapes relation_shapes(postgres::Session& session, const std::vector<std::string>& relations);

// The same where it is asked before each of many steps: PostgreSQL plans the query once, which takes longer than to run it.
// REQUIRES: one at a time in a session of ours, which ends with it; its search_path stays. What else it prepares has one plan
// too.
class RepeatedShapes {
 public:
  explicit RepeatedShapes(postgres::Session& session);
  Shapes of(const std::vector<std::string>& relations);

 private:
  postgres::Session& session_;
};

}  // namespace lockstep::executor
