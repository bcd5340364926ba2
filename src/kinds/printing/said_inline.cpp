#include "kinds/printing/said_inline.h"

#include <algorithm>
#include <vector>

#include "kinds/registry.h"

namespace lockstep::kinds {

std::string said_inline(const catalog::ObjectId& target, const catalog::Catalog& catalog) {
  const auto index = catalog.index_of(target);
  if (!index) return {};
  std::vector<const Object*> said;
  for (const auto child : catalog.children(*index)) {
    const KindSpec& kind = of(catalog.at(child).id);
    if (kind.satellite && kind.declare != nullptr) said.push_back(&catalog.at(child));
  }
  std::sort(said.begin(), said.end(), [](const Object* a, const Object* b) {
    return rank(a->id) != rank(b->id) ? rank(a->id) < rank(b->id) : a->id < b->id;
  });
  std::string text;
  for (const Object* object : said) text += " " + of(object->id).declare(*object, catalog);
  return text;
}

}  // namespace lockstep::kinds
