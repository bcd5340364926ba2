// Proves a plan by running it on a scratch copy.
#pragma once

#include <map>
#include <set>
#include <string>

#include "catalog/catalog.h"
#include "elaborator/scratch_copy.h"
#include "elaborator/unproved.h"
#include "kinds/kind.h"
#include "plan/plan.h"

namespace lockstep::reconciler {

// Runs the plan on the copy and records what each step locks, rewrites, scans and builds. A step that needs what the copy lacks
// is left out and recorded in `unproved`; a step that needs a stub is tried, and left out if it fails.
// Throws CommandError{failed} if any other step fails, or does more than it promises. `offline`: live tables, by qualified
// name, whose size doesn't matter to a step.
void run_on_copy(elaborator::Copy& copy, plan::Plan& plan, const catalog::Catalog& desired,
                 const std::map<catalog::ObjectId, kinds::TableFacts>& facts, elaborator::UnprovedObjects& unproved,
                 const std::set<std::string>& offline);

}  // namespace lockstep::reconciler
