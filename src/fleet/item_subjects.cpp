#include "fleet/item_subjects.h"

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

std::optional<std::size_t> ItemSubjects::setting_like(const ItemSubjects& other, std::size_t item) const {
  const auto table = other.subject(item);
  for (std::size_t own = 0; table && own < main.size(); ++own)
    if (is_setting(own) && subject(own) == table && node(own).properties.front().name == other.node(item).properties.front().name)
      return own;
  return std::nullopt;
}

}  // namespace lockstep::fleet
