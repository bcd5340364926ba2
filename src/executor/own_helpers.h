// Checks that the functions and triggers that a plan creates as transitional objects (plan/helper.h) belong to Lockstep.
//
// Their names are predictable, and schema lockstep may belong to a role with few rights or let one create objects in it. The
// owner of a function can change its body at any time, and a trigger calls it with the rights of whoever writes a row.
#pragma once

#include <map>
#include <string>

#include "executor/journal.h"
#include "plan/plan.h"
#include "session/session.h"

namespace lockstep::executor {

// Before the first step: checks that nothing has a name that a step will use, unless an earlier step drops it. Throws
// RefusedError that names the object, its owner and the statement that drops it. One query. `states`: of an open run.
void require_free_names(postgres::Session& session, const plan::Plan& plan, const std::map<std::string, StepState>& states = {});
// The same for one step, in its transaction. Returns what has such a name, for people; empty: nothing.
std::string in_the_way(postgres::Session& session, const plan::Step& step);
// Before the step: what it says it makes, and is there already. Its statements don't make that, and undoing it would drop it.
// `in_the_way` explains functions and triggers better. Empty: nothing.
std::string there_before(postgres::Session& session, const plan::Step& step);
// After the step's statements, in its transaction: the functions that it created and that don't belong to the connected role.
// CREATE OR REPLACE keeps the owner, so another owner shows that the function existed before. Empty: none.
std::string not_own(postgres::Session& session, const plan::Step& step);
// Before an open run is resumed: checks that the functions created by its earlier steps belong to the connected role, to a
// superuser, or to a role that the connected one is a member of. Throws RefusedError.
void require_own_helpers(postgres::Session& session, const std::string& run);

}  // namespace lockstep::executor
