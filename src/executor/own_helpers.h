// Whether the functions and triggers that a plan makes for a while (plan/helper.h) are Lockstep's own and nobody else's.
//
// Their names are known in advance, and schema lockstep may belong to a role of little power, or let one create in it. Who owns a
// function can change its body at any time, and a trigger calls it with the rights of whoever writes a row.
#pragma once

#include <map>
#include <string>

#include "executor/journal.h"
#include "plan/plan.h"
#include "postgres/session.h"

namespace lockstep::executor {

// Before the first step: nothing stands under a name that a step will use, but for what an earlier step takes away. Throws
// RefusedError naming what is there, whose it is, and the statement that removes it. One query. `states`: of an open run.
void require_free_names(postgres::Session& session, const plan::Plan& plan, const std::map<std::string, StepState>& states = {});
// The same for one step, within its transaction; what is in the way, for people. Empty: nothing.
std::string in_the_way(postgres::Session& session, const plan::Step& step);
// After the step's statements, within its transaction: functions that it made and that don't belong to the connected role. Since
// CREATE OR REPLACE keeps the owner, this is what shows that the function was there before. Empty: none.
std::string not_own(postgres::Session& session, const plan::Step& step);
// Before an open run goes on: the functions that its earlier steps made must belong to the connected role, a superuser, or a role
// that the connected one is a member of. Throws RefusedError.
void require_own_helpers(postgres::Session& session, const std::string& run);

}  // namespace lockstep::executor
