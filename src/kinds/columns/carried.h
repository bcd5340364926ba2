// The column's `convert using`, for values that are carried over to a recreated type.
//
// While the values are converted, the old type exists under another name. PostgreSQL therefore elaborates the expression twice:
// with the old types renamed, for the step (Intent::convert); and with the types as they are before the plan, for the check of
// the rows (Intent::convert_before; absent if the expression names a new value or type). Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

struct Carried {
  std::set<ObjectId> types, columns;  // columns: those whose own type is not changed by this plan
};
// Includes an enum that loses values and is not part of another type (enum_rebuild.h).
Carried carried_over(const std::vector<Change>& changes, const Catalog& from, const Catalog& to);

std::string aside_name(const Object& type);
// One ALTER TYPE … RENAME TO … a type.
std::vector<std::string> set_types_aside(const std::set<ObjectId>& types, const Catalog& from);
// A type that exists before the plan and that the result of the expression can be assigned to; the column's own type if there
// is none.
std::string readable_type(const Object& column, const std::set<ObjectId>& types, const Catalog& to);

bool has_convert(const ObjectId& column, const Context& context);
// " USING (…)". Throws RefusedError that names the column if the expression can't be used because one of the types is a range.
std::string converting(const Object& column, const std::set<ObjectId>& types, const Context& context);
// For a step that converts the column's values by the author's expression: adds the check of the rows and the loss to save.
void say_converted(Step& step, const Object& column, const std::set<ObjectId>& types, const Context& context);
// The text for the plan's Values section.
std::string how_converted(const Object& column, const std::set<ObjectId>& types, const Context& context);

}  // namespace lockstep::kinds
