// The roles whose objects the connected role trusts like its own.
#pragma once

#include "support/sql.h"

namespace lockstep::executor {

// A query of OIDs: superusers, the connected role, and every role that it is a member of. PostgreSQL treats a superuser as a
// member of every role, so a superuser's memberships don't count.
inline constexpr support::Sql kTrustedRoles =
    "SELECT r.oid FROM pg_roles r WHERE r.rolsuper OR r.rolname = current_user "
    "OR current_setting('is_superuser') <> 'on' AND pg_has_role(r.oid, 'MEMBER')";

}  // namespace lockstep::executor
