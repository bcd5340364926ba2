// Renames: the declared ones, and those that are evident.
#pragma once

#include <vector>

#include "catalog/change.h"
#include "elaborator/desired.h"
#include "planner/planner.h"
#include "reconciler/comparer.h"
#include "support/diagnostic.h"

namespace lockstep::reconciler {

// The `renamed from` intents that apply now. An intent that matches nothing is a diagnostic.
std::vector<planner::Rename> declared_renames(const parser::Declared& declared, const catalog::Catalog& live,
                                              const elaborator::Desired& desired, support::Diagnostics& diagnostics);
// Pairs of a removed and an added object under the same parent that differ in the name only, for kinds that allow this.
std::vector<planner::Rename> equal_renames(const std::vector<catalog::Change>& changes, const catalog::Catalog& live,
                                           const catalog::Catalog& desired, const Comparer& comparer);

}  // namespace lockstep::reconciler
