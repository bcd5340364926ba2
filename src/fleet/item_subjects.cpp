#include "fleet/item_subjects.h"

#include <algorithm>

#include "kinds/registry.h"

namespace lockstep::fleet {
namespace {

using catalog::ObjectId;

// A serial column's sequence, and a satellite, have the place of what they come with.
bool is_better(const ObjectId& id, const std::optional<ObjectId>& than, const std::string& kind) {
  return !than || (than->kind->name != kind && id.kind->name == kind);
}

}  // namespace

ItemSubjects::ItemSubjects(const std::vector<parser::ast::File>& files)
    : items(files), ids(items.all().size()), main(items.all().size()) {}

void ItemSubjects::state(const ObjectId& id, const std::string& place) {
  const auto item = items.at(place);
  if (!item || !of[id].insert(*item).second) return;
  ids[*item].push_back(id);
  const bool head = node(*item).span.place() == place && !is_setting(*item);
  if (head && is_better(id, main[*item], node(*item).kind)) main[*item] = id;
}

std::optional<ObjectId> ItemSubjects::subject(std::size_t item) const {
  const auto parent = items.all()[item].parent;
  return is_setting(item) && parent ? main[*parent] : main[item];
}

void ItemSubjects::add_implied_names(const ObjectId& id, std::set<ObjectId>& ids_with_names) const {
  const auto found = of.find(id);
  if (found == of.end()) return;
  const auto is_inside = [&](std::size_t item) {
    for (std::optional<std::size_t> at = item; at; at = items.all()[*at].parent)
      if (found->second.contains(*at)) return true;
    return false;
  };
  for (std::size_t item = 0; item < main.size(); ++item) {
    if (!main[item] || is_setting(item) || !is_inside(item)) continue;
    const auto implied = [&](const ObjectId& one) { return !(one == *main[item]) && !kinds::of(one).is_satellite(); };
    if (node(item).name.empty() || std::any_of(ids[item].begin(), ids[item].end(), implied))
      ids_with_names.insert(ids[item].begin(), ids[item].end());
  }
}

std::optional<std::size_t> ItemSubjects::setting_like(const ItemSubjects& other, std::size_t item) const {
  const auto table = other.subject(item);
  for (std::size_t own = 0; table && own < main.size(); ++own)
    if (is_setting(own) && subject(own) == table && node(own).properties.front().name == other.node(item).properties.front().name)
      return own;
  return std::nullopt;
}

}  // namespace lockstep::fleet
