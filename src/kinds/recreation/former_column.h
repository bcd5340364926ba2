// The old column of a succession whose values have changed: it keeps what they were under a hidden name until that is saved.
//
//   in the swap   DEFAULT and NOT NULL go, two triggers keep writers by position out (recipes/closed_column.h)
//   save          COPY under ACCESS SHARE: nobody writes it any more
//   drop          ACCESS EXCLUSIVE, an instant
// Undo of a run that ends between them: it is saved and dropped first (reconciler/leftovers.h), then the type changes back.
#pragma once

#include "kinds/kind.h"
#include "recipes/column_succession.h"

namespace lockstep::kinds {

// For the step that swaps, once the old column has its hidden name: adds statements and helpers.
void hide_former(const recipes::Succession::Column& column, const Context& context, Step& step);
// The two steps after it. The loss is that of the type change in one statement.
Steps save_and_drop_former(const recipes::Succession::Column& column, const Context& context);

}  // namespace lockstep::kinds
