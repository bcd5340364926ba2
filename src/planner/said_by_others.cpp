#include "planner/said_by_others.h"

#include <map>

#include "kinds/recreation/same.h"
#include "kinds/registry.h"

namespace lockstep::planner {

using catalog::Object;
using catalog::ObjectId;

namespace {

// A part of a table, or of a domain, that stores nothing.
bool is_rule(const Object& object) {
  const kinds::KindSpec& kind = kinds::of(object.id);
  return object.parent && object.parent->path.size() > 1 && kind.holds == kinds::Holds::nothing && !kind.is_satellite() &&
         !kind.made_with_parent;
}

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> said_by_others(const Input& input, const std::vector<Draft>& drafts) {
  std::map<ObjectId, std::size_t> creates;
  for (std::size_t node = 0; node < drafts.size(); ++node) {
    if (drafts[node].does == Draft::Does::create) creates.try_emplace(drafts[node].object, node);
  }
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t node = 0; node < drafts.size(); ++node) {
    const Object* gone = drafts[node].does == Draft::Does::drop ? input.from.find(drafts[node].object) : nullptr;
    const auto whole = gone != nullptr && is_rule(*gone) ? input.to.index_of(*gone->parent) : std::nullopt;
    if (!whole) continue;
    for (const auto child : input.to.children(*whole)) {
      const Object& made = input.to.at(child);
      const auto create = creates.find(made.id);
      if (create == creates.end() || made.id == gone->id || !made.id.is(*gone->id.kind) || !kinds::same(*gone, made)) continue;
      pairs.emplace_back(node, create->second);
    }
  }
  return pairs;
}

}  // namespace lockstep::planner
