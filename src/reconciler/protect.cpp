// `protect`: refuses a plan that drops a protected object, or loses or rewrites its data, whatever was consented to.
#include "reconciler/protect.h"

#include <algorithm>

#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::reconciler {
namespace {

// "shop.orders" includes everything in it; the loss of a schema is that of its tables.
bool touches(const std::string& lost, const std::string& guarded) {
  return lost == guarded || lost.starts_with(guarded + ".") || guarded.starts_with(lost + ".");
}

// `guarded`: by the name that it has before the plan.
std::string harm(const plan::Step& step, const catalog::ObjectId& guarded) {
  const std::string name = support::join(guarded.path, ".");
  for (const auto& loss : step.losses) {
    if (touches(loss.object, name)) return "loses " + loss.what;
  }
  if (!step.rewrites || guarded.path.size() < 2) return {};
  const std::string relation = support::qualified(guarded.path[0], guarded.path[1]);
  const bool locked = std::any_of(step.locks.begin(), step.locks.end(), [&](const auto& lock) {
    return lock.relation == relation && lock.mode == plan::LockMode::access_exclusive;
  });
  return locked ? "rewrites " + relation : "";
}

}  // namespace

void refuse_protected(const parser::Declared& declared, const plan::Plan& plan, const std::vector<planner::Rename>& renames) {
  for (const auto& guarded : declared.protects) {
    for (const auto& step : plan.steps) {
      const std::string what = harm(step, planner::name_before(guarded, renames));
      if (what.empty()) continue;
      throw support::RefusedError(
          catalog::to_string(guarded) + " is protected, and step " + step.id + " (" + step.title + ") " + what +
          ".\nNothing was changed. Nothing overrides `protect`: lift it in the schema file, in a change of its own.");
    }
  }
}

}  // namespace lockstep::reconciler
