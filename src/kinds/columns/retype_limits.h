// Changes of columns and attributes that PostgreSQL refuses whatever the rows are: said in a sentence before anything is tried.
// All functions throw RefusedError. Pure.
#pragma once

#include <string>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// Of columns that are retyped, or computed again: PostgreSQL retypes no column of a partition key, and rewrites none of a table
// whose row type is stored in a column elsewhere, inside whatever else; those of partitions and children, which change along,
// count too. What this plan drops or gives another type is no hindrance.
void refuse_to_retype(const std::vector<ObjectId>& columns, const Catalog& from, const Catalog& to);

// Of an attribute that is added, dropped, changed or put elsewhere: PostgreSQL changes no composite that a table is OF without
// changing that table too (CASCADE).
void refuse_under_typed_tables(const Change& change, const Catalog& from, const Catalog& to);
// Of types that are recreated.
void refuse_under_typed_tables(const ObjectId& type, const Catalog& from, const Catalog& to);

}  // namespace lockstep::kinds
