// Statements that change a column's identity: brief, ACCESS EXCLUSIVE, no scan. The column is NOT NULL already.
#pragma once

#include "catalog/change.h"
#include "recipes/numbering.h"

namespace lockstep::recipes {

std::vector<std::string> identity_statements(const Object& from, const Object& to, const std::string& alter_column);

// Bounds that leave less room: PostgreSQL refuses them where the sequence stands outside. Statements for before they are set,
// that move such a sequence to where one with these bounds begins, or to the last row from there on; one within them stays.
// Empty: there is as much room as before.
std::vector<std::string> move_into_bounds(const Object& from, const Object& to, const std::string& alter_column);

// Of an identity column: its own sequence, which is a part of it and has no object of its own.
Numbers identity_numbers(const Object& column);
// The relation name that it takes, where PostgreSQL chose it.
std::optional<ObjectId> identity_sequence(const Object& column);

// Whether the sequence that the column had goes for good or is made anew, with all that was said of it.
bool loses_identity(const catalog::Change& change);

}  // namespace lockstep::recipes
