// The proof of a plan: it runs on a scratch copy.
#pragma once

#include <map>

#include "catalog/catalog.h"
#include "elaborator/scratch_copy.h"
#include "elaborator/unproved.h"
#include "kinds/kind.h"
#include "plan/plan.h"

namespace lockstep::reconciler {

// Runs the plan on the copy and records what each step locks, rewrites, scans and builds. A step that needs what the copy
// lacks is left out, and so said in `unproved`; one that needs a stub is tried, and left out when it fails.
// Throws CommandError{failed} when any other step fails there, or does more than it promises.
void run_on_copy(elaborator::Copy& copy, plan::Plan& plan, const catalog::Catalog& desired,
                 const std::map<catalog::ObjectId, kinds::TableFacts>& facts, elaborator::UnprovedObjects& unproved);

}  // namespace lockstep::reconciler
