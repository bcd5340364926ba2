// Which statement changes the type of a column.
#pragma once

#include "kinds/kind.h"

namespace lockstep::kinds {

// A column that a child declares too is retyped with its parent's; PostgreSQL accepts no separate statement for it.
bool is_retyped_along(const ObjectId& column, const Context& context);
// Whether this plan gives the column that stays another type or collation by a statement of its own. That sets the default too:
// neither the old one nor the new one need fit the other type.
bool is_retyped_alone(const ObjectId& column, const Context& context);

}  // namespace lockstep::kinds
