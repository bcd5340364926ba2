// A check of a table's rows that runs before anything is changed (plan::DataCheck).
#pragma once

#include <string>

#include "recipes/context.h"

namespace lockstep::recipes {

// The expression that identifies a row in a message: its key, else its whole text. `row` is the table's alias.
std::string shown_by(const Catalog& catalog, const ObjectId& relation, const std::string& row);

// The rule is broken by the rows of `relation` for which `condition` is true. The condition uses plain column names. The check
// reads the table once, under ACCESS SHARE. `may_fail`: the condition converts values and may raise an error on a row. Such a
// row breaks the rule too, and the executor then evaluates the rows one by one (plan::RowByRow).
plan::DataCheck row_check(const ObjectId& relation, std::string rule, const std::string& condition, bool may_fail,
                          const Context& context);

}  // namespace lockstep::recipes
