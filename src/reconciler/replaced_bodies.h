// Where the steps stand that replace the bodies of routines in a plan with renames. Private to the reconciler.
#pragma once

#include "catalog/catalog.h"
#include "plan/plan.h"

namespace lockstep::reconciler {

// Adds the steps that replace bodies after the renames: each in the transaction that renames a table whose triggers call the
// body, or a column of it, since rows that are written between the two would fail; else at the end. `declared`: under the names
// after the renames.
void add_replaced_bodies(plan::Plan& plan, plan::Steps replaced, const catalog::Catalog& declared);

}  // namespace lockstep::reconciler
