#include "fleet/require_outcome.h"

#include <fmt/format.h>

#include "executor/run_record.h"
#include "support/error.h"
#include "support/lines.h"

namespace lockstep::fleet {

void require_outcome(postgres::Session& session, const std::string& run, const std::vector<std::string>& differences) {
  if (differences.empty()) return;
  executor::note_unrecorded(session, run, "live is not what was desired");
  throw support::CommandError(support::ExitCode::mismatch,
                              fmt::format("every step ran and is journalled (run {}), but live is not what was desired:{}", run,
                                          support::listed(differences)));
}

}  // namespace lockstep::fleet
