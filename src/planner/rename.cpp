// What an object was called before the renames of a plan.
#include <algorithm>

#include "planner/planner.h"

namespace lockstep::planner {

using catalog::ObjectId;

ObjectId name_before(const ObjectId& id, const std::vector<Rename>& renames) {
  ObjectId old = id;
  // Newest first: a column's rename speaks of its table's new name.
  for (auto rename = renames.rbegin(); rename != renames.rend(); ++rename) {
    const auto& to = rename->to.path;
    if (old.path.size() < to.size() || !std::equal(to.begin(), to.end(), old.path.begin())) continue;
    const bool itself = old.path.size() == to.size();
    if (itself && !(old.kind->name == rename->to.kind->name)) continue;
    std::copy(rename->from.path.begin(), rename->from.path.end(), old.path.begin());
  }
  return old;
}

}  // namespace lockstep::planner
