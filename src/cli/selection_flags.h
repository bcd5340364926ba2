// --only and --exclude of `plan`, `apply` and `deploy`.
#pragma once

#include "cli/flags.h"
#include "reconciler/selection.h"

namespace lockstep::cli {

void selection_flags(Flags app, reconciler::Selection& selection);

}  // namespace lockstep::cli
