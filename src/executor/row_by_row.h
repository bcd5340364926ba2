// A question about the rows of a table, asked one row at a time.
#pragma once

#include <string>

#include "plan/step.h"

namespace lockstep::executor {

// A DO block that evaluates the condition for each row in a subtransaction of its own. It reads the table once, under ACCESS
// SHARE, and writes nothing. Its answer stands in two settings of the transaction: lockstep.rows, the number of rows that break
// the rule or end with an error of a value, and lockstep.keys, a JSON list of what up to five of them are shown by.
//
// It is put together here, from parts that the guard of saved plans has read as one SELECT (fleet/plan_guard.h): no plan file
// holds a DO block.
std::string row_by_row(const plan::RowByRow& question);

}  // namespace lockstep::executor
