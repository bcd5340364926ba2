// Names that a plan takes away, as the live database has them: what bodies of functions there may still say.
#pragma once

#include <vector>

#include "catalog/change.h"
#include "kinds/names/gone_names.h"
#include "planner/planner.h"

namespace lockstep::reconciler {

// Each once; nothing of what goes with a relation that goes itself. `live`: before the renames; `from`: with them applied. Pure.
std::vector<kinds::GoneName> gone_names(const catalog::Catalog& live, const catalog::Catalog& from,
                                        const catalog::Catalog& desired, const std::vector<catalog::Change>& changes,
                                        const std::vector<planner::Rename>& renames);

}  // namespace lockstep::reconciler
