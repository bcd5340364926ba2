#include "fleet/recorded_state.h"

#include <optional>

#include "executor/applied.h"
#include "executor/transitional.h"
#include "reconciler/beside.h"
#include "reconciler/selection.h"

namespace lockstep::fleet {

reconciler::State state_after_run(postgres::Session& session, const plan::Plan& plan, const RunContext& facts,
                                  const catalog::Catalog& now) {
  std::optional<reconciler::State> before;
  if (const auto applied = executor::applied_state(session)) before = reconciler::read_state(applied->objects, applied->scope);
  // While it waited, other runs may have been recorded, of whose objects its files say nothing.
  const bool by_files = facts.desired != nullptr && !(facts.has_waited && before) && !reconciler::selection_of(plan).any();
  return reconciler::state_beside(session, facts.closing, before,
                                  by_files ? reconciler::state_after(now, facts.desired->catalog, facts.desired->scope)
                                           : reconciler::state_after(now, plan, before));
}

void record_state(postgres::Session& session, const std::string& run, const plan::Plan& plan, const reconciler::State& now) {
  executor::record_applied(session,
                           {run, "", plan.desired_fingerprint, reconciler::scope_text(now), reconciler::object_texts(now)});
  executor::forget_gone(session);
}

}  // namespace lockstep::fleet
