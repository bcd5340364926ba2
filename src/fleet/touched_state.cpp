#include "fleet/touched_state.h"

#include "executor/applied.h"
#include "reconciler/state.h"

namespace lockstep::fleet {

bool record_touched(postgres::Session& session, const std::string& run, const plan::Plan& plan, const postgres::Snapshot& live) {
  const auto applied = executor::applied_state(session);
  const auto before = applied ? reconciler::read_state(applied->objects, applied->scope) : std::nullopt;
  if (!before) return false;
  reconciler::State now = reconciler::state_given_up(live.catalog, plan, *before);
  now.addresses = reconciler::addresses_of(now.catalog, live, before->addresses);
  executor::record_applied(session,
                           {run, "", applied->fingerprint, reconciler::scope_text(now), reconciler::object_texts(now), {}});
  return true;
}

}  // namespace lockstep::fleet
