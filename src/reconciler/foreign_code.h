// The hazard foreign-code: which code of a role that the connected role doesn't trust the plan evaluates, or gives to others to
// evaluate.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "planner/planner.h"
#include "postgres/foreign_code.h"
#include "reconciler/intents.h"

namespace lockstep::reconciler {

// `plan`: proved, so that it says which step rewrites or scans what. `live`: before the plan, under the names before `renames`.
// `desired`: what the files declare; `whole`: with what of others stands beside it.
// Code that the files declare just as it is in the database is the files' own. What hangs on a table of the code's owner doesn't
// count where ForeignCode::own_table says so. One entry a piece of code and object.
std::vector<plan::ForeignCode> foreign_code(const plan::Plan& plan, const Elaborated& intents,
                                            const postgres::Evaluated& evaluated, const catalog::Catalog& live,
                                            const catalog::Catalog& desired, const catalog::Catalog& whole,
                                            const std::vector<planner::Rename>& renames);

// For a plan that was made before now (a saved one, or of an open run): foreign tables of others that steps but `done` read, and
// that its hazards don't name. What the other codes are was asked when the plan was made.
std::vector<plan::ForeignCode> foreign_tables(const plan::Plan& plan, const postgres::Evaluated& evaluated,
                                              const catalog::Catalog& live, const std::set<std::string>& done);

}  // namespace lockstep::reconciler
