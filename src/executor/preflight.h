// Finds missing rights that would stop a plan half-way, before its first step.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"
#include "session/session.h"

namespace lockstep::executor {

// One line for each right that the session's user lacks, with the GRANT that would help if there is one; empty: none found. It
// checks what a plan contains: relations that it locks, loses or fills, and schemas in which it creates objects. A plan doesn't
// contain the owners of functions and types; PostgreSQL refuses those in their own step. Reads only.
std::vector<std::string> missing_privileges(postgres::Session& session, const plan::Plan& plan);

}  // namespace lockstep::executor
