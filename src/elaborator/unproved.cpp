// An object that can't be created on a scratch database makes its dependents unproved. Each of them is named.
#include "elaborator/unproved.h"

#include <algorithm>

#include "kinds/registry.h"
#include "support/sql_text.h"

namespace lockstep::elaborator {

using catalog::Catalog;
using catalog::Index;
using catalog::ObjectId;

namespace {

std::string short_name(const ObjectId& id) {
  const ObjectId target = kinds::of(id).is_satellite() ? kinds::target_of(id) : id;
  return support::join(target.path, ".");
}

}  // namespace

void UnprovedObjects::add(const Catalog& catalog, const std::vector<std::pair<ObjectId, std::string>>& lacking) {
  // Causes first, so that an object which fails because of another one gets that one's reason.
  std::vector<std::pair<std::size_t, const std::pair<ObjectId, std::string>*>> order;
  for (const auto& item : lacking) {
    UnprovedObjects alone;
    alone.add(catalog, item.first, item.second);
    const auto explained =
        std::count_if(lacking.begin(), lacking.end(), [&](const auto& other) { return alone.contain(other.first); });
    order.emplace_back(static_cast<std::size_t>(explained), &item);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [explained, item] : order) add(catalog, item->first, item->second);
}

void UnprovedObjects::add(const Catalog& catalog, const ObjectId& id, const std::string& reason, bool stood_in) {
  reasons_.emplace(id, Reason{reason, stood_in});
  const auto first = catalog.index_of(id);
  if (!first) return;
  const std::string because = "it depends on " + catalog::to_string(id) + ": " + reason;
  std::vector<Index> open{*first};                   // iterative, so that a catalog's depth can't exhaust the stack
  std::vector<bool> seen(catalog.objects().size());  // objects known from another catalog may have more dependents in this one
  seen[*first] = true;
  while (!open.empty()) {
    const Index index = open.back();
    open.pop_back();
    const auto reach = [&](Index next) {
      if (seen[next]) return;
      seen[next] = true;
      reasons_.emplace(catalog.at(next).id, Reason{because, stood_in});
      open.push_back(next);
    };
    for (const Index child : catalog.children(index)) reach(child);
    const auto parent = catalog.parent(index);
    if (parent && kinds::of(catalog.at(index).id).made_with_parent) reach(*parent);  // it can't be made without this part
    for (const auto& edge : catalog.edges_to(index)) reach(edge.dependent);
  }
}

bool UnprovedObjects::lack_anything() const {
  return std::any_of(reasons_.begin(), reasons_.end(), [](const auto& item) { return !item.second.stood_in; });
}

std::optional<UnprovedObjects::Reason> UnprovedObjects::about(const plan::Step& step) const {
  std::optional<Reason> reason;
  for (const auto* ids : {&step.produces, &step.destroys, &step.consumes}) {
    for (const ObjectId& id : *ids) {
      const auto found = reasons_.find(id);
      if (found != reasons_.end() && (!reason || (reason->stood_in && !found->second.stood_in))) reason = found->second;
    }
  }
  return reason;
}

void UnprovedObjects::name(const plan::Step& step, const std::string& reason) {
  const auto& touched = step.produces.empty() ? step.destroys : step.produces;
  const plan::Unproved one{touched.empty() ? step.title : short_name(touched.front()), reason};
  const bool known =
      std::any_of(unproved_.begin(), unproved_.end(), [&](const auto& other) { return other.object == one.object; });
  if (!known) unproved_.push_back(one);
}

void UnprovedObjects::leave_out(const plan::Step& step, const std::string& reason) {
  name(step, reason);
  for (const auto* ids : {&step.produces, &step.destroys}) {
    for (const ObjectId& id : *ids) reasons_[id] = {reason, false};
  }
}

bool UnprovedObjects::excuse(const Catalog& catalog, const ObjectId& id) const {
  if (contain(id)) return true;
  auto index = catalog.index_of(id);
  for (; index; index = catalog.parent(*index)) {
    if (contain(catalog.at(*index).id)) return true;
  }
  return false;
}

}  // namespace lockstep::elaborator
