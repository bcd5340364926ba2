#include "kinds/names/lookup_path.h"

#include <algorithm>
#include <set>

#include "catalog/keys.h"
#include "kinds/registry.h"
#include "kinds/routines/routine.h"

namespace lockstep::kinds {

std::vector<std::string> lookup_path(const catalog::ObjectId& id, const catalog::Catalog& catalog) {
  static const catalog::KindTag* const kExtensionTag = catalog::intern_kind("extension");
  std::vector<std::string> path;
  const std::string own = schema_of(id);
  if (!own.empty()) path.push_back(own);
  // There are few extensions and they sort together, so the search starts at the first possible id.
  const auto& objects = catalog.objects();
  const catalog::ObjectId first{kExtensionTag, {}};
  auto at = std::lower_bound(objects.begin(), objects.end(), first,
                             [](const catalog::Object& object, const catalog::ObjectId& key) { return object.id < key; });
  for (; at != objects.end() && at->id.is(*kExtensionTag); ++at) {
    const auto schema = at->get(keys::kSchema);
    if (!schema.empty() && std::find(path.begin(), path.end(), schema) == path.end()) path.push_back(schema);
  }
  return path;
}

namespace {

// Whether the routine's language resolves names at run time.
bool looks_names_up(const catalog::Object& object) {
  if (attribute(of(object.id), routine::kSqlBody.name) == nullptr) return false;
  const std::string language = object.get(keys::kLanguage);
  if (object.has(routine::kSqlBody) || language == "c" || language == "internal") return false;
  const auto settings = object.get(routine::kConfiguration);
  return std::none_of(settings.begin(), settings.end(), [](const auto& one) { return one.starts_with("search_path "); });
}

}  // namespace

bool runs_bodies(const catalog::Catalog& catalog, catalog::Index root) {
  std::set<catalog::Index> seen{root};
  std::vector<catalog::Index> open{root};
  const auto add = [&](catalog::Index index) {
    if (seen.insert(index).second) open.push_back(index);
  };
  while (!open.empty()) {
    const catalog::Index index = open.back();
    open.pop_back();
    const catalog::Object& object = catalog.at(index);
    if (index != root && looks_names_up(object)) return true;
    for (const auto& edge : catalog.edges_from(index)) add(edge.referenced);
    // A reference to another table runs none of its code; a reference to a domain runs its checks.
    const bool other_rows = catalog.root(index) != root && of(object.id).saves != nullptr;
    if (object.id.path.size() == 1 || other_rows) continue;
    for (const catalog::Index child : catalog.children(index)) add(child);
  }
  return false;
}

}  // namespace lockstep::kinds
