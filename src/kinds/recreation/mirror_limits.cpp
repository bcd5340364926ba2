#include "kinds/recreation/mirror_limits.h"

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/registry.h"

namespace lockstep::kinds {

std::string no_mirror_on(const ObjectId& table, const Context& context) {
  for (const Catalog* side : {&context.from, &context.to}) {
    const auto index = side->index_of(table);
    if (!index) continue;
    for (const auto child : side->children(*index)) {
      const Object& part = side->at(child);
      if (part.id.is(kRule.tag)) return catalog::to_string(part.id) + " rewrites its statements";
      if (!part.id.is(kTrigger.tag)) continue;
      const std::string& name = part.id.path.back();
      // Lockstep's own are in no catalog: a name that begins like theirs may come before or after them.
      const bool outside = name < std::string(kFirstTrigger) + "~" || name >= kLastTrigger;
      if (part.get(keys::kEvents).starts_with("BEFORE ") && outside)
        return catalog::to_string(part.id) + " fires before or after all others";
    }
  }
  return {};
}

const Object* changed_type(const ObjectId& column, const std::vector<Change>& changes, const Context& context) {
  for (const Catalog* side : {&context.from, &context.to}) {
    const auto index = side->index_of(column);
    if (!index) continue;
    for (const auto& edge : side->edges_from(*index)) {
      const Object& used = side->at(edge.referenced);
      const bool type = used.id.is(kEnum.tag) || used.id.is(kDomain.tag) || used.id.is(kComposite.tag) || used.id.is(kRange.tag);
      if (!type) continue;
      const bool changes_too = std::any_of(changes.begin(), changes.end(), [&](const Change& change) {
        return change.id == used.id ||
               (change.id.path.size() > 2 && change.id.path[0] == used.id.path[0] && change.id.path[1] == used.id.path[1]);
      });
      if (changes_too) return &used;
    }
  }
  return nullptr;
}

}  // namespace lockstep::kinds
