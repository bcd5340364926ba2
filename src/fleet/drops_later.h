// The way back from a table that was made under a transitional name: it gets that name again, and goes.
#pragma once

#include <cstddef>

#include "plan/plan.h"

namespace lockstep::fleet {

// Whether this step or a later one drops the table, by the name that it has then, with the loss that people consent to by the
// name that it has before the plan.
bool drops_later(const plan::Plan& plan, std::size_t step, const catalog::Path& before, const catalog::Path& then);

}  // namespace lockstep::fleet
