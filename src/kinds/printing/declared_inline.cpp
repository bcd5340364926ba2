#include "kinds/printing/declared_inline.h"

#include <algorithm>
#include <vector>

#include "kinds/registry.h"

namespace lockstep::kinds {

std::string declared_inline(const catalog::ObjectId& target, const catalog::Catalog& catalog) {
  const auto index = catalog.index_of(target);
  if (!index) return {};
  std::vector<const Object*> declared;
  for (const auto child : catalog.children(*index)) {
    const KindSpec& kind = of(catalog.at(child).id);
    if (kind.is_satellite() && kind.declare != nullptr) declared.push_back(&catalog.at(child));
  }
  std::sort(declared.begin(), declared.end(), [](const Object* a, const Object* b) {
    return rank(a->id) != rank(b->id) ? rank(a->id) < rank(b->id) : a->id < b->id;
  });
  std::string text;
  for (const Object* object : declared) text += " " + of(object->id).declare(*object, catalog);
  return text;
}

}  // namespace lockstep::kinds
