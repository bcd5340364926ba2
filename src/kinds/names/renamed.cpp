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

}  // namespace lockstep::kinds
