// `import --env`: marks a database as being in the state that its imported files declare. Its schema isn't changed.
#pragma once

#include "cli/console.h"
#include "cli/target.h"
#include "support/error.h"

namespace lockstep::cli {

// `todo`: with the imported files as its sources. Records the applied state if the plan is empty; else shows it, records nothing
// and returns ExitCode::changes.
support::ExitCode adopt(const Work& todo, const Console& console);

}  // namespace lockstep::cli
