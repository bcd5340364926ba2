// Refuses changes of columns and attributes that PostgreSQL refuses for any rows, before anything is tried.
// All functions throw RefusedError. Pure.
#pragma once

#include <string>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// For columns that are retyped or computed again. PostgreSQL retypes no column of a partition key, and rewrites no table whose
// row type is stored in a column elsewhere, at any depth. The columns of partitions and children, which change together with
// the parent's, are checked too. Columns that this plan drops or retypes don't count as such a use.
void refuse_to_retype(const std::vector<ObjectId>& columns, const Catalog& from, const Catalog& to);

// For an attribute that is added, dropped, changed or moved. PostgreSQL changes a composite type that a table is OF only
// together with that table (CASCADE).
void refuse_under_typed_tables(const Change& change, const Catalog& from, const Catalog& to);
// The same for a type that is recreated.
void refuse_under_typed_tables(const ObjectId& type, const Catalog& from, const Catalog& to);

}  // namespace lockstep::kinds
