// What PostgreSQL 18 and later keeps of NOT NULL besides the fact itself, which no kind expresses: a constraint's name, NO
// INHERIT, NOT VALID, a comment. PostgreSQL's own choices of a name are left out, also those for a former name of the table or
// column.
#pragma once

#include "support/sql.h"

namespace lockstep::postgres {

constexpr int kNotNullIsAConstraintFrom = 180000;  // server_version_num
// Columns: description; address (class oid, object oid, sub) of the column or domain. `user_schema_n`: the condition that
// pg_namespace n is a user's.
support::Sql not_null_facets(const support::Sql& user_schema_n);

}  // namespace lockstep::postgres
