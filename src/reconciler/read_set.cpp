#include "reconciler/read_set.h"

#include <map>
#include <set>

#include "reconciler/comparison.h"
#include "reconciler/renames.h"
#include "session/text_settings.h"
#include "support/digest.h"

namespace lockstep::reconciler {

using catalog::Catalog;
using catalog::ObjectId;

namespace {

// A key in a read set, before an object's name: the complete set of its dependents, so that an additional one is noticed.
const std::string kDependents = "dependents of ";

std::string dependents(const Catalog& live, catalog::Index index) {
  std::string names;
  for (const auto& edge : live.edges_to(index)) names += catalog::to_string(live.at(edge.dependent).id) + "\n";
  return support::sha256(names);
}

}  // namespace

void fill_read_set(plan::Plan& plan, const postgres::Snapshot& snapshot, const std::vector<planner::Rename>& renames) {
  std::set<ObjectId> touched;
  for (const auto& step : plan.steps) {
    touched.insert(step.produces.begin(), step.produces.end());
    touched.insert(step.destroys.begin(), step.destroys.end());
    touched.insert(step.consumes.begin(), step.consumes.end());
  }
  if (!plan.empty()) postgres::remember_text_settings(snapshot.text_settings, plan.read_set);
  const Catalog& live = snapshot.catalog;
  const auto remember = [&](const ObjectId& id) {
    const auto index = live.index_of(id);
    plan.read_set[catalog::to_string(id)] = index ? live.fingerprint(*index) : "";
  };
  for (const auto& rename : renames) touched.insert(planner::name_before(rename.to, renames));
  for (const ObjectId& id : touched) {
    remember(id);
    const auto index = live.index_of(id);
    if (!index) continue;
    for (const auto& edge : live.edges_from(*index)) remember(live.at(edge.referenced).id);
    for (const auto& edge : live.edges_to(*index)) remember(live.at(edge.dependent).id);
    plan.read_set[kDependents + catalog::to_string(id)] = dependents(live, *index);
  }
}

std::vector<std::string> stale(const plan::Plan& plan, const postgres::Snapshot& snapshot) {
  const Catalog& live = snapshot.catalog;
  std::map<std::string, std::string> now;
  for (catalog::Index i = 0; i < live.objects().size(); ++i) {
    std::string name = catalog::to_string(live.at(i).id);
    if (!plan.read_set.contains(name)) continue;
    if (plan.read_set.contains(kDependents + name)) now[kDependents + name] = dependents(live, i);
    now[std::move(name)] = live.fingerprint(i);
  }
  std::vector<std::string> changed;
  for (const auto& [name, value] : postgres::remembered_text_settings(plan.read_set)) {
    const auto found = snapshot.text_settings.find(name);
    const std::string is = found == snapshot.text_settings.end() ? "" : found->second;
    if (is != value) changed.push_back("the setting " + name + " was \"" + value + "\" and is now \"" + is + "\"");
  }
  for (const auto& [name, fingerprint] : plan.read_set) {
    if (postgres::names_text_setting(name)) continue;
    const auto found = now.find(name);
    if (name.starts_with(kDependents)) {
      if (found != now.end() && found->second != fingerprint)
        changed.push_back("what depends on " + name.substr(kDependents.size()) + " has changed");
      continue;
    }
    if (found == now.end() && !fingerprint.empty()) changed.push_back(name + " is gone");
    if (found != now.end() && fingerprint.empty()) changed.push_back(name + " exists now");
    if (found != now.end() && !fingerprint.empty() && found->second != fingerprint) changed.push_back(name + " has changed");
  }
  return changed;
}

}  // namespace lockstep::reconciler
