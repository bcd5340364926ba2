// Which retyped columns get a successor (recipes/column_succession.h), and why others don't.
//
// A column has one if the type change rewrites a table that is too large for that, or builds its indexes again, and PostgreSQL
// can build all that depends on it a second time. Whether a conversion can be computed row by row, PostgreSQL is asked
// (elaborator/conversion_probe.h). Columns of one table, and columns that a foreign key joins, change places in one transaction.
// Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "kinds/kind.h"
#include "recipes/column_succession.h"

namespace lockstep::kinds {

struct Chosen {
  std::vector<recipes::Succession> all;
  std::vector<std::string> notes;  // one line for each large table that is rewritten nevertheless, with the reason
};
// New names of columns by the id before: they are to work beside the old ones. Those of a table that get another type too have
// successors under these names, whatever its size.
using NewNames = std::map<ObjectId, std::string>;
// `keep`: columns that can't have one.
Chosen choose_successions(const std::vector<Change>& changes, const std::set<ObjectId>& keep, const NewNames& names,
                          const Context& context);

// What the plan says of a large table whose columns are retyped in one statement.
std::string locked_note(const ObjectId& table, const std::vector<ObjectId>& columns, const std::string& why,
                        const Context& context);

// The statement that gives an object on the scratch copy another name: `from` and `to` in one place.
std::vector<std::string> renaming(const ObjectId& from, const ObjectId& to, const Context& context);

}  // namespace lockstep::kinds
