// Which changes a selection chooses, with those that they need. Private to the reconciler: see cut.h.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "catalog/change.h"
#include "planner/planner.h"
#include "reconciler/selection.h"

namespace lockstep::reconciler {

struct Chosen {
  std::set<catalog::ObjectId> ids;
  std::vector<std::pair<catalog::ObjectId, catalog::ObjectId>> also;  // not named; needed by the second
};
// Throws UsageError: a name matches nothing, or an excluded change is needed.
Chosen choose(const Selection& selection, const std::vector<catalog::Change>& changes, const catalog::Catalog& live,
              const catalog::Catalog& desired, const std::vector<planner::Rename>& renames);

}  // namespace lockstep::reconciler
