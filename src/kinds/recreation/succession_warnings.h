// What the steps of a succession say of statements that it may break (docs/adr/0028).
#pragma once

#include "kinds/recreation/mirror.h"

namespace lockstep::kinds {

// From the first step on a value that can't be converted is refused.
void warn_of_conversion(const recipes::Succession::Column& column, const Context& context, Step& step);
// From the swap on the column has another type; adds what is asked of the rows before.
void warn_of_new_values(const recipes::Succession::Column& column, const Context& context, Step& step);
// A new column is the last one of its table.
void warn_of_order(const ObjectId& table, const Mirror::Columns& columns, const Context& context, Step& step);

// Its sequence gets another name with it.
void warn_of_sequence(const recipes::Succession::Column& column, const Context& context, Step& step);

}  // namespace lockstep::kinds
