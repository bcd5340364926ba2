// The columns that have taken the place of those which a held run keeps, and what somebody has done to them by hand.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "plan/plan.h"
#include "session/session.h"

namespace lockstep::fleet {

// {schema, table, name} of the column, and of the one that the run keeps of it.
struct PresentColumn {
  catalog::Path path, former;
};

// Whether it isn't the column that the run left under this name, or has lost values that the former one still has. REQUIRES: both
// are there.
bool was_recreated(postgres::Session& session, const PresentColumn& column);

// "type was bigint, is numeric": since the last run. Empty: it has the same type, or that isn't known.
std::string type_since(postgres::Session& session, const catalog::Catalog& live, const catalog::Path& column);

// "SELECT on app.t.n to clerk": privileges on the column that the former one, which comes back, doesn't have, and that no step of
// the plan gives. `relation`: OID of the table; `former`: attribute number in it.
std::vector<std::string> given_since(postgres::Session& session, const plan::Plan& plan, const std::string& relation,
                                     const std::string& former, const std::string& present);

}  // namespace lockstep::fleet
