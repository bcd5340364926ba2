// An enum whose values are removed or reordered: PostgreSQL can't do that in place, so the type is made again and every
// column that holds it is rewritten, in one transaction.
//
//   ALTER TYPE s.e RENAME TO <aside>; CREATE TYPE s.e …;
//   per default: DROP DEFAULT;  per table: ALTER COLUMN … TYPE s.e USING c::text::s.e;  per default: SET DEFAULT
//   DROP TYPE s.<aside>;  owner, comment and grants as they were
//
// Locks: ACCESS EXCLUSIVE on each table while it is rewritten. A row that still holds a removed value makes the whole step
// fail and roll back, so nothing is lost silently; the checks count such rows first. Plain indexes and keys are rebuilt by
// PostgreSQL. What it can't carry along (views, policies, functions, expressions over the type) stands in the way and is
// named in a RefusedError: rejected was dropping such dependents here, since the planner's rules don't see this deep.
#pragma once

#include "kinds/kind.h"

namespace lockstep::kinds {

Steps rebuild_enum(const Object& from, const Object& to, const Context& context);

}  // namespace lockstep::kinds
