// Objects on their way into a catalog, by id.
#pragma once

#include <map>

#include "catalog/object.h"

namespace lockstep::catalog {

// Whether all that the object is a part of is among them: an object whose parent is gone is gone too.
inline bool is_whole(const Object& object, const std::map<ObjectId, Object>& objects) {
  for (const Object* at = &object; at->parent;) {
    const auto parent = objects.find(*at->parent);
    if (parent == objects.end()) return false;
    at = &parent->second;
  }
  return true;
}

}  // namespace lockstep::catalog
