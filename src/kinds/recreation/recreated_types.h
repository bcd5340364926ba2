// Types that stay, and that PostgreSQL can't change in place because values of them are stored (stored_values.h): a domain over
// another type, a domain whose new rule must be checked inside arrays or composites, an attribute of another type, attributes in
// another order, a range over another type, an enum that loses values inside another type.
//
// They are recreated with all types that have them in them, and the values are carried over, in one transaction:
//   the old type is set aside under another name        set_aside
//   the new one is made, with its checks, owner, grants and comments
//   every column that holds such values is retyped      carry; one ALTER, hence one rewrite, a table
//   the old type is dropped                             end_of
// A range can't be made beside the old one: its columns are text meanwhile, and rewritten twice.
// A column of the domain itself is converted by PostgreSQL's cast. A value inside an array, composite or range is written as text
// and read as the new type, so what doesn't fit is an error and never cut. `convert using` of the column goes before all of that
// (carried.h). Before the first step every stored value is tried:
// one that fails, or that would not be the same when converted back, refuses the plan.
//
// Locks: ACCESS EXCLUSIVE on each of these tables while it is rewritten (hazard `rewrite`). Pure.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

std::set<ObjectId> recreated_types(const std::vector<Change>& changes, const Catalog& from, const Catalog& to);
// Columns that hold values of these types and stay, those that tables inherit apart.
std::set<ObjectId> columns_carried(const std::set<ObjectId>& types, const Catalog& from, const Catalog& to);
// It holds values of one of these types by its own type, inherited ones too: it is carried, or changes its type.
bool holds_one_of(const ObjectId& column, const std::set<ObjectId>& types, const Catalog& from);

// Throws RefusedError, by name, where a table's row type stands between such a type and a column: PostgreSQL changes no column of
// that table.
void refuse_row_types(const std::set<ObjectId>& types, const Catalog& from);

Step set_aside(const Object& type, const std::set<ObjectId>& types, const std::set<ObjectId>& columns, const Context& context);
Step carry(const Object& column, const std::set<ObjectId>& types, const Context& context);
// Nothing, where a range is among the types: set_aside has turned the columns into text and dropped the old ones.
std::optional<Step> end_of(const std::set<ObjectId>& types, const std::set<ObjectId>& columns, const Context& context);

}  // namespace lockstep::kinds
