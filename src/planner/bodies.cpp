#include "planner/bodies.h"

#include "kinds/names/body_words.h"
#include "kinds/registry.h"

namespace lockstep::planner {

using catalog::Index;

std::set<Index> Bodies::run_with(const std::vector<Index>& objects) {
  std::set<Index> seen(objects.begin(), objects.end());
  std::vector<Index> open = objects;
  bool any_body = false;
  while (!open.empty()) {
    const catalog::Object& object = catalog_.at(open.back());
    const auto reach = [&](Index next) {
      if (seen.insert(next).second) open.push_back(next);
    };
    const auto& edges = catalog_.edges_from(open.back());
    open.pop_back();
    for (const auto& edge : edges) reach(edge.referenced);
    if (!kinds::has_body(object)) continue;
    any_body = true;
    for (const std::string& word : kinds::words_of_body(object)) {
      const auto [first, last] = by_name().equal_range(word);
      for (auto at = first; at != last; ++at) reach(at->second);
    }
  }
  for (const Index object : objects) seen.erase(object);
  return any_body ? seen : std::set<Index>{};
}

const std::multimap<std::string, Index>& Bodies::by_name() {
  if (!by_name_.empty()) return by_name_;
  for (Index i = 0; i < catalog_.objects().size(); ++i) {
    const catalog::Object& object = catalog_.at(i);
    const bool in_schema = object.parent && object.parent->path.size() == 1 && !kinds::of(object.id).is_satellite();
    if (in_schema && object.id.path.size() > 1) by_name_.emplace(object.id.path[1], i);
  }
  return by_name_;
}

}  // namespace lockstep::planner
