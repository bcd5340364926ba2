// A question about the rows of a table, asked before anything is changed (plan::DataCheck).
#pragma once

#include <string>

#include "recipes/context.h"

namespace lockstep::recipes {

// What a row is shown by, `row` being its table's alias: its key, else its whole text.
std::string shown_by(const Catalog& catalog, const ObjectId& relation, const std::string& row);

// Rows of `relation` for which `condition` is true break the rule; it speaks of the row's columns by their names. Reads the table
// once, under ACCESS SHARE. `may_fail`: the condition converts values, and may end with an error on a row. Such a row breaks the
// rule too, and the executor asks the rows one by one (plan::RowByRow).
plan::DataCheck row_check(const ObjectId& relation, std::string rule, const std::string& condition, bool may_fail,
                          const Context& context);

}  // namespace lockstep::recipes
