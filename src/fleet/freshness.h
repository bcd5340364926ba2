// Whether a plan still fits the database as it is now.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "plan/plan.h"
#include "postgres/introspect.h"

namespace lockstep::fleet {

// Throws CommandError{stale} if the plan was made for another database, or another major version of the server.
void require_target(const plan::Plan& plan, const plan::Target& target);
// Throws CommandError{stale} that names what has changed of what the plan relies on.
void require_fresh(const plan::Plan& plan, const postgres::Snapshot& live);
// For a plan without its files, after its last step: which objects that it creates are missing, and which that it drops are
// still there, for people.
std::vector<std::string> differences(const plan::Plan& plan, const catalog::Catalog& live);

}  // namespace lockstep::fleet
