// Types that stay declared but that PostgreSQL can't change in place because values of them are stored (stored_values.h): a
// domain over another type, a domain whose new rule must be checked inside arrays or composites, an attribute of another type,
// attributes in another order, a range over another type, an enum that loses values inside another type, or under a
// generated column or a default that changes.
//
// They are recreated with all types that contain them, and the values are carried over, in one transaction:
//   the old type is renamed                                             set_aside
//   the new one is created, with its checks, owner, grants and comments
//   every column with such values is retyped                            carry; one ALTER, hence one rewrite, a table
//   the old type is dropped                                             end_of
// A range can't be created beside the old one, so its columns are text in between and are rewritten twice.
// A column of the domain itself is converted by PostgreSQL's cast. A value inside an array, composite or range is written as
// text and read as the new type, so a value that doesn't fit is an error and is never truncated. The column's `convert using`
// replaces all of that (carried.h). Every stored value is tried before the first step: one that fails, or that would not be the
// same when converted back, refuses the plan.
//
// Locks: ACCESS EXCLUSIVE on each of these tables while it is rewritten (hazard `rewrite`). Pure.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

std::set<ObjectId> recreated_types(const std::vector<Change>& changes, const Catalog& from, const Catalog& to);
// The columns with values of these types that stay, without inherited ones.
std::set<ObjectId> columns_carried(const std::set<ObjectId>& types, const Catalog& from, const Catalog& to);
// Whether the column's own type contains one of these types, for inherited columns too. It is carried, or its type is changed.
bool holds_one_of(const ObjectId& column, const std::set<ObjectId>& types, const Catalog& from);

// Whether the object is a foreign key between columns with values of these types: PostgreSQL can't compare them in between.
bool joins_recreated(const Object& object, const std::set<ObjectId>& types, const Catalog& from);

// Throws RefusedError that names the table if a table's row type is between such a type and a column: PostgreSQL changes no
// column of such a table.
void refuse_row_types(const std::set<ObjectId>& types, const Catalog& from);

Step set_aside(const Object& type, const std::set<ObjectId>& types, const std::set<ObjectId>& columns, const Context& context);
Step carry(const Object& column, const std::set<ObjectId>& types, const Context& context);
// Absent if one of the types is a range: set_aside has then turned the columns into text and dropped the old types. So it is if
// all types have successors (type_succession.h).
std::optional<Step> end_of(const std::set<ObjectId>& types, const std::set<ObjectId>& columns, const Context& context);

}  // namespace lockstep::kinds
