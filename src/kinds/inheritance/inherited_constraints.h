// Constraints, and shares of a parent's indexes, that a partition or child has from its parents. They are the parents' objects:
// the catalog has none of the descendant for them. But when it leaves its parents PostgreSQL lets it keep them, as its own and
// under the names they have there; and when it comes to new ones, what it has that is equal to theirs becomes a share of it.
// Pure.
#pragma once

#include <string>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// Their names, "constraint orders_2026_pkey" | "index orders_2026_at_idx", sorted: an attribute of the descendant.
inline constexpr Attr<List> kFromParents{"inherited_constraints"};
inline constexpr AttrSpec kFromParentsAttribute{.name = kFromParents.name, .type = ValueType::list, .derived = true};
// The SELECT's expression for it, for the pg_class row c.
std::string inherited_constraints_sql();

// A wanted object that its table will keep from parents it leaves: nobody has to make it.
bool stays_behind(const Object& wanted, const Context& context);
// An object no longer wanted that its table's new parents take over: nobody has to drop it.
bool taken_over(const Object& own, const Context& context);

// For the step in which `from` leaves its parents, or comes to new ones: what that does to its objects.
void add_what_stays(Step& step, const Object& from, const Context& context);  // and drops what shall not
void add_what_is_taken_over(Step& step, const Object& to, const Context& context);

}  // namespace lockstep::kinds
