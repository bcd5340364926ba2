#include "kinds/names/renamed.h"

#include <algorithm>

#include "kinds/registry.h"

namespace lockstep::kinds {

using catalog::ObjectId;

namespace {

// Of a satellite, the object that it speaks of.
ObjectId subject_of(const ObjectId& id) {
  return of(id).is_satellite() ? target_of(id) : id;
}

}  // namespace

bool is_within(const ObjectId& id, const ObjectId& whole) {
  const ObjectId subject = subject_of(id);
  const auto& path = subject.path;
  if (path.size() < whole.path.size() || !std::equal(whole.path.begin(), whole.path.end(), path.begin())) return false;
  return path.size() > whole.path.size() || subject.is(*whole.kind);
}

ObjectId renamed(const ObjectId& id, const ObjectId& from, const ObjectId& to) {
  if (!is_within(id, from)) return id;
  ObjectId result = id;
  std::copy(to.path.begin(), to.path.end(), result.path.begin() + (of(id).is_satellite() ? 1 : 0));
  return result;
}

ObjectId renamed(const ObjectId& id, const std::vector<ObjectId>& from, const std::vector<ObjectId>& to) {
  std::size_t best = from.size();  // the innermost: a column's name contains that of its table
  for (std::size_t i = 0; i < from.size() && i < to.size(); ++i) {
    if (is_within(id, from[i]) && (best == from.size() || from[i].path.size() > from[best].path.size())) best = i;
  }
  return best == from.size() ? id : renamed(id, from[best], to[best]);
}

bool exclude_each_other(const ObjectId& one, const ObjectId& other) {
  if (one == other) return true;
  return of(one).is_relation() && of(other).is_relation() && one.path.front() == other.path.front() &&
         one.path.back() == other.path.back();
}

}  // namespace lockstep::kinds
