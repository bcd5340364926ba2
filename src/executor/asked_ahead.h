// Before a way back begins: the questions about rows that its later steps will ask, as far as they can be answered now. A
// rollback that stops half-way, in an emergency, is worse than one that names the rows first.
#pragma once

#include <vector>

#include "executor/data_check.h"
#include "plan/plan.h"

namespace lockstep::executor {

// Hidden tables are asked under their former names, in transactions that are rolled back. Left out: what a step asks after one
// that changes rows or types, and what names something that isn't there yet; these are asked when their step comes.
// `own`: as in data_check.h. Reads only.
std::vector<Violation> ask_ahead(postgres::Session& session, const plan::Plan& plan, const postgres::TextSettings& own);

}  // namespace lockstep::executor
