// Columns that PostgreSQL can't change in place and whose values are computed afterwards: a column that becomes generated, and,
// before PostgreSQL 17, one whose generation expression changes. They are dropped and recreated in one transaction, with all
// that depends on them. The old values are saved and need consent as for any dropped column (hazard `drop-column`), unless they
// were computed too. Adding a stored column rewrites the table (hazard `rewrite`). Pure.
#pragma once

#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// The column and its descendants; empty: the change is made by another recipe.
std::vector<ObjectId> recreated_columns(const Change& change, const Catalog& from, const Catalog& to, int server_version);

// A generated column that is dropped and recreated only because of what it depends on, with its descendants. Its values are
// computed again, so nothing is lost. Empty: the column stores values of its own.
std::vector<ObjectId> computed_again(const ObjectId& column, const Catalog& from, const Catalog& to);
// Whether the object is a generated column that is computed from this column. PostgreSQL retypes no such column.
bool is_computed_from(const Object& object, const ObjectId& column);
// The column and its descendants on both sides.
std::vector<ObjectId> with_descendants(const ObjectId& column, const Catalog& from, const Catalog& to);

// The altered object and, of a column, the descendants at every level, which PostgreSQL retypes together with it.
std::vector<ObjectId> retyped_along(const ObjectId& altered, const Catalog& from);

// Whether PostgreSQL prints a text of the object from a parse tree, so that the text can contain what is recreated.
bool is_printed(const Object& object);

// Whether the object is a foreign key whose columns change their types on both sides, so that PostgreSQL can't compare them in
// between.
bool joins_retyped(const Object& object, const Catalog& from, const Catalog& to);

// Whether the index has no expressions. A new column type that changes no value doesn't rebuild it (PostgreSQL's
// CheckIndexCompatible()).
bool is_index_of_columns(const Object& object);

// Whether the column only lets NULL in from now on: nothing that is made over it waits for that.
bool lets_null_in(const Change& change);

// Whether a change of the attribute can end a dependency on another object. It can't if the attribute only says whose the object
// is, when a constraint is checked, whether a trigger fires or how values are stored.
bool may_name_objects(const AttrSpec& attribute);

// For a type that is recreated although it is still declared: the columns that are retyped with it, and the objects that are
// dropped before and recreated after, because PostgreSQL can't carry them along.
struct MadeAlong {
  std::vector<ObjectId> retyped, again;
};
MadeAlong made_along(const Change& change, const Catalog& from, const Catalog& to);

}  // namespace lockstep::kinds
