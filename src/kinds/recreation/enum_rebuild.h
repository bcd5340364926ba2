// Removes or reorders values of an enum. PostgreSQL can't do that in place, so the type is recreated and every column of it is
// rewritten, in one transaction.
//
//   ALTER TYPE s.e RENAME TO <aside>; CREATE TYPE s.e …;
//   per default: DROP DEFAULT;  per table: ALTER COLUMN … TYPE s.e USING c::text::s.e;  per default: SET DEFAULT
//   DROP TYPE s.<aside>;  owner, comment and grants as they were
//
// Locks: ACCESS EXCLUSIVE on each table while it is rewritten. A row with a removed value makes the whole step fail and roll
// back, so nothing is lost silently; the checks count such rows first. PostgreSQL rebuilds plain indexes and keys. Objects that
// are printed from a parse tree over the type or its columns (views, checks, policies) are dropped before and recreated after
// by the plan, in the same transaction if possible. What can be neither carried along nor recreated is named by a
// RefusedError. An enum that is part of another type, or that a generated column or a default that changes depends on, is
// recreated by recreated_types.h. `map`: columns/mapped.h.
#pragma once

#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// Whether the new values are the old ones in the same order plus further ones, which are added in place.
bool only_adds(const Object& from, const Object& to);
Steps rebuild_enum(const Object& from, const Object& to, const Context& context);
// The columns of the type or of an array of it, including inherited ones.
std::vector<ObjectId> columns_of_enum(const ObjectId& type, const Catalog& catalog);

// The objects that depend on the type or on these columns and that PostgreSQL doesn't carry along; for a view's columns, the
// view.
std::vector<ObjectId> not_carried_along(const ObjectId& type, const Catalog& catalog);

}  // namespace lockstep::kinds
