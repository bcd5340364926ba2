// What the author says of values that go over to a type that is recreated under them: `convert using` of the column.
//
// The old type stands aside under another name when the values are converted, so the expression is read by PostgreSQL twice: with
// the types aside, which is what the step says (Intent::convert), and as they are before the plan, which is what the rows are
// asked first (Intent::convert_before; absent where it names a new value or type). Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

struct Carried {
  std::set<ObjectId> types, columns;  // columns that don't get another type in this plan themselves
};
// Also of an enum that loses values and lies in no other type (enum_rebuild.h).
Carried carried_over(const std::vector<Change>& changes, const Catalog& from, const Catalog& to);

std::string aside_name(const Object& type);
// ALTER TYPE … RENAME TO …, one a type.
std::vector<std::string> set_types_aside(const std::set<ObjectId>& types, const Catalog& from);
// A type that stands before the plan and takes what an expression gives for the column; the column's own where there is none.
std::string readable_type(const Object& column, const std::set<ObjectId>& types, const Catalog& to);

bool has_convert(const ObjectId& column, const Context& context);
// " USING (…)". Throws RefusedError, by name, where the expression can't be obeyed: a range is among the types.
std::string converting(const Object& column, const std::set<ObjectId>& types, const Context& context);
// The step converts the column's values by the author's expression: what is asked of the rows first, and what is saved.
void say_converted(Step& step, const Object& column, const std::set<ObjectId>& types, const Context& context);
// For the plan's Values.
std::string how_converted(const Object& column, const std::set<ObjectId>& types, const Context& context);

}  // namespace lockstep::kinds
