// The old column of a succession whose values have changed, or that is held: it keeps what they were under a hidden name until
// that is saved, or purged.
//
//   in the swap   DEFAULT and NOT NULL go, two triggers keep writers by position out (recipes/closed_column.h)
//   save          COPY under ACCESS SHARE: nobody writes it any more
//   drop          ACCESS EXCLUSIVE, an instant
// Undo of a run that ends between them: it is saved and dropped first (reconciler/leftovers.h), then the type changes back.
#pragma once

#include "kinds/kind.h"
#include "recipes/column_succession.h"

namespace lockstep::kinds {

// For the step that swaps, once the old column has its hidden name: adds statements and helpers. `held`: until phase purge.
void hide_former(const recipes::Succession::Column& column, bool held, const Context& context, Step& step);
// For the way back from a held one: adds the statements that let writers reach it, and returns what they take away, and it.
std::vector<plan::Helper> show_former(const recipes::Succession::Column& back, std::vector<std::string>& sql);
// What follows: it is saved if its values have changed, and dropped. The loss is that of the type change in one statement.
// `back`: the same column of Successions::back if it is held; else null.
Steps drop_former(const recipes::Succession::Column& column, const recipes::Succession::Column* back, const Context& context);

}  // namespace lockstep::kinds
