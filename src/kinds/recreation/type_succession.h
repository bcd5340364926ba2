// Enums whose values are removed, reordered or mapped while columns of large tables hold them (docs/adr/0033): the new type
// stands beside the old one, under a name of its own, and such a column's successor is of it (succeed_columns.h).
//
//   expand     CREATE TYPE s.lockstep_new_e AS ENUM (…)             with the first successors
//   contract   ALTER TYPE s.e RENAME TO lockstep_old_e              in the transaction in which the columns change places, and in
//              ALTER TYPE s.lockstep_new_e RENAME TO e              which what speaks of the type is recreated
//              (recreated_types.h) DROP TYPE s.lockstep_old_e                           once the old columns are gone; with a
//              hold, in phase purge
// Both names are changes of the catalog only. The way back in a hold is the same with the two types exchanged. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "kinds/kind.h"
#include "recipes/column_succession.h"
#include "recipes/conversion.h"

namespace lockstep::kinds {

std::set<ObjectId> succeeded_types(const recipes::Successions* successions);
// Null: the type is recreated in one statement.
const recipes::Succession::Type* succeeded_type(const ObjectId& type, const Context& context);

// How the successor gets its value from the column.
recipes::Conversion conversion_to_successor(const recipes::Succession::Column& column, const Context& context);
// The same column of a succession that is taken back: how the old type's column gets its value, and the other way.
void turn_round(recipes::Succession::Column& back, const recipes::Succession::Column& column,
                const recipes::Succession& succession, const Context& context);
// Of a column that is taken back: a condition for a row whose value has none of the old type.
std::string lost_label(const recipes::Succession::Column& column);
// What such a successor asks of the rows, and what it refuses of those that are written.
std::vector<plan::DataCheck> labels_tried(const recipes::Succession::Column& column, const Context& context);
void warn_of_labels(const recipes::Succession::Column& column, const Context& context, Step& step);

// Adds the statements and helpers to the front of the step.
void create_types(const recipes::Succession& succession, const Context& context, Step& step);
Step set_type_aside(const recipes::Succession::Type& type);
Step take_place(const recipes::Succession::Type& type);
Step drop_former_types(const recipes::Succession& succession);

}  // namespace lockstep::kinds
