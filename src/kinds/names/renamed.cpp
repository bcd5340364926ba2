#include "kinds/names/renamed.h"

#include <algorithm>

#include "kinds/registry.h"

namespace lockstep::kinds {

using catalog::ObjectId;

ObjectId renamed(const ObjectId& id, const ObjectId& from, const ObjectId& to) {
  const std::ptrdiff_t skipped = of(id).is_satellite() ? 1 : 0;  // the kind of its target
  const ObjectId spoken_of = skipped == 0 ? id : target_of(id);
  const auto& path = spoken_of.path;
  if (path.size() < from.path.size() || !std::equal(from.path.begin(), from.path.end(), path.begin())) return id;
  if (path.size() == from.path.size() && !spoken_of.is(*from.kind)) return id;
  ObjectId result = id;
  std::copy(to.path.begin(), to.path.end(), result.path.begin() + skipped);
  return result;
}

}  // namespace lockstep::kinds
