#include "reconciler/territory.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "kinds/names/renamed.h"
#include "kinds/registry.h"

namespace lockstep::reconciler {

using catalog::ObjectId;

namespace {

// Adds what no longer exists under that name after the plan: a renamed object is in no step's `destroys`.
void add_gone(const std::string& record, std::set<ObjectId>& ids) {
  const auto json = nlohmann::json::parse(record, nullptr, false);
  if (!json.is_object() || !json.contains("gone")) return;
  for (const auto& one : json["gone"]) {
    const kinds::KindSpec* kind = kinds::find(one.at("kind").get<std::string>());
    if (kind != nullptr) ids.insert({&kind->tag, one.at("path").get<catalog::Path::Names>()});
  }
}

}  // namespace

Territory::Territory(const plan::Plan& plan, const catalog::Catalog& live) {
  add_gone(plan.record, touched_);
  for (const plan::Step& step : plan.steps) {
    touched_.insert(step.produces.begin(), step.produces.end());
    touched_.insert(step.destroys.begin(), step.destroys.end());
  }
  const auto add_dependents = [&](catalog::Index index) {
    for (const auto& edge : live.edges_to(index)) dependents_.insert(live.at(edge.dependent).id);
  };
  for (const ObjectId& id : touched_) {
    if (const auto index = live.index_of(id)) add_dependents(*index);
  }
  for (const plan::Step& step : plan.steps) {  // what mentions a part of what is renamed is printed differently too
    if (!step.renames) continue;
    names_.insert(step.destroys.begin(), step.destroys.end());
    names_.insert(step.produces.begin(), step.produces.end());
    for (catalog::Index index = 0; index < live.objects().size(); ++index) {
      const auto holds = [&](const ObjectId& renamed) { return kinds::is_within(live.at(index).id, renamed); };
      if (std::any_of(step.destroys.begin(), step.destroys.end(), holds) ||
          std::any_of(step.produces.begin(), step.produces.end(), holds))
        add_dependents(index);
    }
  }
}

bool Territory::holds(const ObjectId& id) const {
  if (touched_.contains(id) || dependents_.contains(id)) return true;
  if (kinds::of(id).is_satellite() && holds(kinds::target_of(id))) return true;
  const auto renamed = [&](const ObjectId& name) { return kinds::is_within(id, name) || kinds::is_printed_with(id, name); };
  if (std::any_of(names_.begin(), names_.end(), renamed)) return true;
  const std::string& name = id.path.back();
  // Partitions gain and lose what their parent does.
  const bool alike = std::any_of(touched_.begin(), touched_.end(), [&](const ObjectId& one) {
    return one.kind->name == id.kind->name && one.path.size() == id.path.size() && one.path.back() == name;
  });
  if (alike && kinds::of(id).made_with_parent) return true;
  return std::any_of(touched_.begin(), touched_.end(), [&](const ObjectId& one) {
    // A part of it, or an object of the same path: a column and its default.
    const std::size_t least = one.path.size() + (one.path.size() > 2 ? 0 : 1);
    return one.path.size() > 1 && id.path.size() >= least && std::equal(one.path.begin(), one.path.end(), id.path.begin());
  });
}

}  // namespace lockstep::reconciler
