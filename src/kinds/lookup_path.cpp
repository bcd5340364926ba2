#include "kinds/lookup_path.h"

#include <algorithm>

#include "kinds/kind.h"

namespace lockstep::kinds {

std::vector<std::string> lookup_path(const catalog::ObjectId& id, const catalog::Catalog& catalog) {
  static const catalog::KindTag* const kExtensionTag = catalog::intern_kind("extension");
  std::vector<std::string> path;
  const std::string own = schema_of(id);
  if (!own.empty()) path.push_back(own);
  // Extensions are few and sort together: from the first possible id on.
  const auto& objects = catalog.objects();
  const catalog::ObjectId first{kExtensionTag, {}};
  auto at = std::lower_bound(objects.begin(), objects.end(), first,
                             [](const catalog::Object& object, const catalog::ObjectId& key) { return object.id < key; });
  for (; at != objects.end() && at->id.is(*kExtensionTag); ++at) {
    const auto schema = at->get(catalog::Attr<std::string>{"schema"});
    if (!schema.empty() && std::find(path.begin(), path.end(), schema) == path.end()) path.push_back(schema);
  }
  return path;
}

}  // namespace lockstep::kinds
