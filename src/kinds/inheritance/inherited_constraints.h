// The constraints, and the partitions of a parent's indexes, that a partition or child has from its parents. They belong to the
// parents, so the catalog has no objects for them on the descendant. When the descendant leaves its parents, PostgreSQL keeps
// them as its own, under the names they have there. ATTACH PARTITION takes a table's own objects that equal the parent's for
// such; INHERIT doesn't (new_parents.h).
// Pure.
#pragma once

#include <string>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// An attribute of the descendant: their names, sorted, "constraint orders_2026_pkey" or "index orders_2026_at_idx".
inline constexpr Attr<List> kFromParents{"inherited_constraints"};
inline constexpr AttrSpec kFromParentsAttribute{.name = kFromParents.name, .type = ValueType::list, .derived = true};
// The SELECT expression for the attribute, for a row c of pg_class.
std::string inherited_constraints_sql();

// Whether `wanted` is an object that its table keeps from the parents it leaves, so that no step has to create it.
bool stays_behind(const Object& wanted, const Context& context);
// Whether `own` is no longer declared but becomes part of an object of its table's new partitioned parent, so that no step has to
// drop it.
bool taken_over(const Object& own, const Context& context);

// For the step in which `from` leaves its parents or gets new ones: adds the effects on its objects.
void add_what_stays(Step& step, const Object& from, const Context& context);  // and drops those that are not wanted
void add_what_is_taken_over(Step& step, const Object& to, const Context& context);

}  // namespace lockstep::kinds
