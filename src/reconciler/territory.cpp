#include "reconciler/territory.h"

#include <algorithm>

#include "kinds/registry.h"

namespace lockstep::reconciler {

using catalog::ObjectId;

Territory::Territory(const plan::Plan& plan, const catalog::Catalog& live) {
  for (const plan::Step& step : plan.steps) {
    touched_.insert(step.produces.begin(), step.produces.end());
    touched_.insert(step.destroys.begin(), step.destroys.end());
  }
  for (const ObjectId& id : touched_) {
    const auto index = live.index_of(id);
    if (!index) continue;
    for (const auto& edge : live.edges_to(*index)) dependents_.insert(live.at(edge.dependent).id);
  }
}

bool Territory::holds(const ObjectId& id) const {
  if (touched_.contains(id) || dependents_.contains(id)) return true;
  if (kinds::of(id).satellite && holds(kinds::target_of(id))) return true;
  const std::string& name = id.path.back();
  // Partitions get, and lose, what their parent does.
  const bool alike = std::any_of(touched_.begin(), touched_.end(), [&](const ObjectId& one) {
    return one.kind->name == id.kind->name && one.path.size() == id.path.size() && one.path.back() == name;
  });
  if (alike && kinds::of(id).absorbed) return true;
  return std::any_of(touched_.begin(), touched_.end(), [&](const ObjectId& one) {
    // A part of it, or of the same path: a column and its default.
    const std::size_t least = one.path.size() + (one.path.size() > 2 ? 0 : 1);
    return one.path.size() > 1 && id.path.size() >= least && std::equal(one.path.begin(), one.path.end(), id.path.begin());
  });
}

}  // namespace lockstep::reconciler
