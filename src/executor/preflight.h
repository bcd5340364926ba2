// What would stop a plan half-way because of missing rights, found before its first step.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"
#include "postgres/session.h"

namespace lockstep::executor {

// One line per missing right of the session's user, with the GRANT that would help where there is one; empty: none found.
// Sees what a plan says: relations it locks, loses or fills, and schemas it makes objects in. The ownership of functions
// and types is not in a plan; PostgreSQL refuses those in their own step. Reads only.
std::vector<std::string> missing_privileges(postgres::Session& session, const plan::Plan& plan);

}  // namespace lockstep::executor
