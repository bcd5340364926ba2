#include "elaborator/copy_owners.h"

#include <algorithm>

#include "kinds/registry.h"

namespace lockstep::elaborator {

using catalog::Catalog;

Catalog with_owners(Catalog copy, const Catalog& source, bool gives_owners) {
  const auto lacks = [&](const catalog::Object& object) {
    return kinds::attribute(kinds::of(object.id), kinds::kOwner.name) != nullptr && !(gives_owners && object.has(kinds::kOwner));
  };
  if (std::none_of(copy.objects().begin(), copy.objects().end(), lacks)) return copy;
  std::vector<catalog::Object> objects = copy.objects();
  for (auto& object : objects) {
    if (!lacks(object)) continue;
    const catalog::Object* before = source.find(object.id);
    if (before != nullptr && before->has(kinds::kOwner)) object.set(kinds::kOwner.name, before->get(kinds::kOwner));
  }
  return Catalog(std::move(objects), copy.edges());
}

}  // namespace lockstep::elaborator
