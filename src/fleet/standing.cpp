#include "fleet/standing.h"

#include <algorithm>
#include <set>

#include "executor/identity.h"
#include "kinds/registry.h"
#include "plan/plan_file.h"
#include "reconciler/state.h"

namespace lockstep::fleet {
namespace {

using catalog::Change;
using catalog::ObjectId;

// What the open run makes, alters or drops, and what hangs on that.
class Territory {
 public:
  explicit Territory(const plan::Plan& plan) {
    for (const plan::Step& step : plan.steps) {
      touched_.insert(step.produces.begin(), step.produces.end());
      touched_.insert(step.destroys.begin(), step.destroys.end());
    }
  }

  bool holds(const Change& change) const {
    if (touched_.contains(change.id)) return true;
    // Helpers that a recipe makes and takes away again are named after Lockstep.
    const std::string& name = change.id.path.back();
    if (name.starts_with("lockstep_") || name.starts_with("zz_lockstep_")) return true;
    // Partitions get, and lose, what their parent does.
    const bool alike = std::any_of(touched_.begin(), touched_.end(), [&](const ObjectId& one) {
      return one.kind->name == change.id.kind->name && one.path.size() == change.id.path.size() && one.path.back() == name;
    });
    if (alike && kinds::of(change.id).absorbed) return true;
    return std::any_of(touched_.begin(), touched_.end(), [&](const ObjectId& one) {
      return one.path.size() < change.id.path.size() && std::equal(one.path.begin(), one.path.end(), change.id.path.begin()) &&
             one.path.size() > 1;
    });
  }

 private:
  std::set<ObjectId> touched_;
};

void set_apart(Standing& standing) {
  if (!standing.open) return;
  const Territory territory(plan::from_json(standing.open->plan_json));
  const auto own = std::stable_partition(standing.drift.begin(), standing.drift.end(),
                                         [&](const Change& change) { return !territory.holds(change); });
  standing.rollout.assign(own, standing.drift.end());
  standing.drift.erase(own, standing.drift.end());
}

}  // namespace

Standing standing(postgres::Session& session, const Known& known, const parser::Declared* declared,
                  const reconciler::Options& options, support::Diagnostics& diagnostics) {
  Standing result;
  result.target = executor::located(session);
  result.wrong_target = wrong_target(session, known);
  result.runs = executor::runs(session);
  if (!result.wrong_target.empty()) return result;
  result.broken_journal = executor::verify_journal(session);
  result.open = executor::open_run(session);
  result.applied = executor::applied_state(session);
  const postgres::Snapshot live = postgres::introspect(session, {.facts = false, .unmanaged = declared != nullptr});
  for (const postgres::Unmanaged& one : live.unmanaged) result.unmanaged.push_back(one.description);

  std::optional<reconciler::State> state;
  if (result.applied) state = reconciler::read_state(result.applied->objects, result.applied->scope);
  if (state) {
    result.drift = reconciler::drift(*state, live, options);
    result.drift_known = true;
    set_apart(result);
  }
  if (declared == nullptr) return result;
  const reconciler::Desired desired = reconciler::elaborate(*declared, &live, options, diagnostics);
  if (diagnostics.has_errors()) return result;
  result.pending = state ? reconciler::pending(*state, desired, live, options) : reconciler::missing(desired, live, options);
  result.pending_known = true;
  return result;
}

}  // namespace lockstep::fleet
