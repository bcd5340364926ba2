// A check of a table's rows, one row at a time.
#pragma once

#include <string>

#include "plan/step.h"

namespace lockstep::executor {

// A DO block that evaluates the condition for each row in a subtransaction. It reads the table once, under ACCESS SHARE, and
// writes nothing. It leaves the result in two settings of the transaction: lockstep.rows, the number of rows that break the
// rule or raise an error about a value, and lockstep.keys, a JSON list of the keys of up to five of them.
//
// The block is assembled here, from parts that the guard of saved plans has parsed as one SELECT (fleet/plan_guard.h), so that
// no plan file contains a DO block.
std::string row_by_row(const plan::RowByRow& question);

}  // namespace lockstep::executor
