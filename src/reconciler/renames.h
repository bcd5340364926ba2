// Renames: the declared ones, and the obvious ones.
#pragma once

#include <vector>

#include "catalog/change.h"
#include "elaborator/desired.h"
#include "planner/planner.h"
#include "reconciler/comparer.h"
#include "support/diagnostic.h"

namespace lockstep::reconciler {

// Which `renamed from` act now; an intent that matches nothing is a diagnostic.
std::vector<planner::Rename> declared_renames(const parser::Declared& declared, const catalog::Catalog& live,
                                              const elaborator::Desired& desired, support::Diagnostics& diagnostics);
// One removed and one added under the same parent, alike but for their names, where the kind says that is a rename.
std::vector<planner::Rename> equal_renames(const std::vector<catalog::Change>& changes, const catalog::Catalog& live,
                                           const catalog::Catalog& desired, const Comparer& comparer);

}  // namespace lockstep::reconciler
