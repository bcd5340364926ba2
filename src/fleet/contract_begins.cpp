#include "fleet/contract_begins.h"

#include "fleet/old_names.h"

namespace lockstep::fleet {

std::string keeps_from_contract(postgres::Session& session, const std::string& run, std::chrono::milliseconds quiet,
                                const std::string& still_used, bool stood) {
  if (!still_used.empty()) {
    note_still_used(session, run, still_used);
    return "";
  }
  const std::string why = not_quiet(old_names(session, run), quiet, stood);
  if (why.empty()) return "";
  return why +
         "\nThe steps before contract are done. Deploy the new version everywhere, then pass the gate; or pass it nevertheless: "
         "--still-used REASON, which is journalled.";
}

}  // namespace lockstep::fleet
