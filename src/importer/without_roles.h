// A DO block without its statements about roles. Only the server's administrator may run those, a block can't be run in part, and
// what else it does belongs to the schema. Private to the importer.
#pragma once

#include <optional>
#include <string>

#include "importer/script.h"
#include "support/sql.h"

namespace lockstep::importer {

// Makes the function that the text below calls: it turns the text of a statement about roles into one that does nothing.
extern const support::Sql kMakeRoleFilter;

// The block, in which the statements about roles do nothing; nullopt: it isn't a plpgsql block whose text can be followed. This
// is the one place that rewrites a text of SQL, because PostgreSQL has no other way to leave a part of a block out; it runs on
// scratch only, as the unprivileged role.
std::optional<std::string> without_roles(const Piece& piece);

}  // namespace lockstep::importer
