// Which columns, indexes and keys belong to successions (succeed_columns.h).
#pragma once

#include "kinds/kind.h"
#include "recipes/column_succession.h"

namespace lockstep::kinds {

// The succession that the column gets another type by; null: none.
const recipes::Succession* succession_of(const ObjectId& column, const Context& context);
// The column in Successions::back: it can be held. Null: it can't.
const recipes::Succession::Column* back_of(const ObjectId& column, const recipes::Successions& successions);
// Whether the index, key or foreign key stays until its successor takes its place.
bool is_carried_by_succession(const ObjectId& dependent, const recipes::Successions* successions);
// Whether the column's new name works beside the old one, each in its type (two_way_mirror.h).
bool is_succeeded_by_name(const ObjectId& column, const recipes::Successions* successions);

}  // namespace lockstep::kinds
