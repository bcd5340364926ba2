// The hazard foreign-code: code of roles that the connected role doesn't trust, which the plan evaluates or lets others
// evaluate.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "planner/planner.h"
#include "postgres/foreign_code.h"
#include "reconciler/intents.h"

namespace lockstep::reconciler {

// `plan` must be proved, so that it tells which step rewrites or scans which table. `live`: before the plan. `desired`: the
// declared objects, `whole`: the same plus external objects, both under the names before the plan's renames.
// Code that the files declare exactly as it is in the database counts as the files' own. Code on a table of the code's own
// owner doesn't count if ForeignCode::own_table is set. One entry for each piece of code and object.
std::vector<plan::ForeignCode> foreign_code(const plan::Plan& plan, const Elaborated& intents,
                                            const postgres::Evaluated& evaluated, const catalog::Catalog& live,
                                            const catalog::Catalog& desired, const catalog::Catalog& whole);

// For a plan that was made earlier (a saved one, or of an open run): the foreign tables of other roles that its remaining steps
// (those not in `done`) read and that its hazards don't name. Other code was checked when the plan was made.
std::vector<plan::ForeignCode> foreign_tables(const plan::Plan& plan, const postgres::Evaluated& evaluated,
                                              const catalog::Catalog& live, const std::set<std::string>& done);

}  // namespace lockstep::reconciler
