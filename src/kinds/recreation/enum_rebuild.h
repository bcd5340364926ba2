// An enum whose values are removed or reordered: PostgreSQL can't do that in place, so the type is recreated and every
// column that holds it is rewritten, in one transaction.
//
//   ALTER TYPE s.e RENAME TO <aside>; CREATE TYPE s.e …;
//   per default: DROP DEFAULT;  per table: ALTER COLUMN … TYPE s.e USING c::text::s.e;  per default: SET DEFAULT
//   DROP TYPE s.<aside>;  owner, comment and grants as they were
//
// Locks: ACCESS EXCLUSIVE on each table while it is rewritten. A row that still holds a removed value makes the whole step
// fail and roll back, so nothing is lost silently; the checks count such rows first. Plain indexes and keys are rebuilt by
// PostgreSQL; what is printed from a parse tree over the type or its columns (views, checks, policies) is dropped before and made
// again after by the plan, in the same transaction where it can be. What neither can carry along (functions over the type,
// generated columns, domains) stands in the way and is named in a RefusedError.
#pragma once

#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// The new values are the old ones in their order, and more: those are added in place.
bool only_adds(const Object& from, const Object& to);
Steps rebuild_enum(const Object& from, const Object& to, const Context& context);
// Columns whose type it is, or their elements', inherited ones too.
std::vector<ObjectId> columns_of_enum(const ObjectId& type, const Catalog& catalog);

// What depends on the type or on these columns and is not carried along by PostgreSQL; a view for its columns.
std::vector<ObjectId> not_carried_along(const ObjectId& type, const Catalog& catalog);

}  // namespace lockstep::kinds
