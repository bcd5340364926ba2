#include "reconciler/protect.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::reconciler {
namespace {

bool within(const std::string& name, const std::string& outer) {
  return name == outer || name.starts_with(outer + ".");
}

// The loss of a schema is that of its tables.
std::string harm(const plan::Step& step, const catalog::ObjectId& guarded, bool way_back) {
  const std::string name = support::join(guarded.path, ".");
  for (const auto& loss : step.losses) {
    if (within(name, loss.object) || (!way_back && within(loss.object, name))) return "loses " + loss.what;
  }
  if (!step.rewrites || guarded.path.size() < 2) return {};
  const std::string relation = support::qualified(guarded.path[0], guarded.path[1]);
  const bool locked = std::any_of(step.locks.begin(), step.locks.end(), [&](const auto& lock) {
    return lock.relation == relation && lock.mode == plan::LockMode::access_exclusive;
  });
  return locked ? "rewrites " + relation : "";
}

}  // namespace

std::string protected_harm(const plan::Plan& plan, const std::set<catalog::ObjectId>& guarded) {
  for (const catalog::ObjectId& id : guarded) {
    for (const plan::Step& step : plan.steps) {
      const std::string what = harm(step, id, !plan.undoes.empty());
      if (!what.empty())
        return fmt::format("{} is protected, and step {} ({}) {}", support::visible(catalog::to_string(id)), step.id,
                           support::visible(step.title), support::visible(what));
    }
  }
  return {};
}

}  // namespace lockstep::reconciler
