// Columns that PostgreSQL can't change in place, and whose values are computed from then on: one that becomes a generated one,
// and, before 17, one whose expression changes. They are dropped and recreated in one transaction, with all that depends on
// them; the old values are saved and need consent like those of any dropped column (hazard `drop-column`), but where they were
// computed too. Adding a stored column rewrites the table (hazard `rewrite`). Pure.
#pragma once

#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// The column and those that come from it in partitions and children; empty: the change has another way.
std::vector<ObjectId> recreated_columns(const Change& change, const Catalog& from, const Catalog& to, int server_version);

// A generated column that only has to be dropped and recreated for what it depends on: it and its descendants. Its values are
// computed again, so nothing is lost. Empty: it holds values of its own.
std::vector<ObjectId> computed_again(const ObjectId& column, const Catalog& from, const Catalog& to);
// A generated column that is computed from this one: PostgreSQL retypes no column under it.
bool is_computed_from(const Object& object, const ObjectId& column);
// The column and those that come from it in partitions and children, on both sides.
std::vector<ObjectId> with_descendants(const ObjectId& column, const Catalog& from, const Catalog& to);

// An object that is altered, and the columns of partitions and children, at every level, that PostgreSQL retypes along with a
// column.
std::vector<ObjectId> retyped_along(const ObjectId& altered, const Catalog& from);

// Whether PostgreSQL prints a text of it from a parse tree: that text can name what is recreated under it.
bool is_printed(const Object& object);

// An index of columns alone: a new type of one that changes no value leaves it as it is (PostgreSQL's CheckIndexCompatible).
bool is_index_of_columns(const Object& object);

// Whether a change of the attribute can end a dependency on another object: not one of when a constraint is checked, whether a
// trigger fires, how values are stored.
bool may_name_objects(const AttrSpec& attribute);

// A type that is recreated although it stays: the columns that are retyped with it, and what is dropped before and recreated
// after, since PostgreSQL can't carry it along.
struct MadeAlong {
  std::vector<ObjectId> retyped, again;
};
MadeAlong made_along(const Change& change, const Catalog& from, const Catalog& to);

}  // namespace lockstep::kinds
