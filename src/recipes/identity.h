// Statements that change a column's identity: brief, under ACCESS EXCLUSIVE, no scan. REQUIRES: the column is NOT NULL already.
// Undo: the former identity with its options; a new sequence goes on after the last number. Watch: nothing, no row is read but
// where the last number is looked for without a key that begins with the column (numbering.h).
#pragma once

#include "catalog/change.h"
#include "recipes/numbering.h"

namespace lockstep::recipes {

// What the catalog says of an identity column's sequence, beside `identity_options`, which is what files say of it: {schema,
// name}, and the options that differ from the defaults, such as "START WITH 5" and "CYCLE". Derived; absent where a column wasn't
// read from a database.
inline constexpr catalog::Attr<catalog::List> kIdentitySequence{"identity_sequence"};
inline constexpr catalog::Attr<catalog::List> kIdentityNumbering{"identity_numbering"};

std::vector<std::string> identity_statements(const Object& from, const Object& to, const std::string& alter_column);

// PostgreSQL refuses new bounds that exclude the sequence's current value. These statements run before the new bounds are set
// and move such a sequence to its start under the new bounds, or past the column's last value; a current value within them
// stays. Empty: the new bounds are no narrower.
std::vector<std::string> move_into_bounds(const Object& from, const Object& to, const std::string& alter_column);

// The numbers of an identity column's own sequence, which is part of the column and not an object of its own.
Numbers identity_numbers(const Object& column);
// Whether both number alike, with a sequence that may have another name.
bool identifies_alike(const Object& from, const Object& to);
// The relation name of that sequence: as it was read, else the one that PostgreSQL chooses.
ObjectId identity_sequence(const Object& column);

// Whether the column loses its sequence, or gets a new one, together with everything set on it (privileges, comment).
bool loses_identity(const catalog::Change& change);

}  // namespace lockstep::recipes
