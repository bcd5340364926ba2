#include "recipes/time_zones.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "catalog/keys.h"
#include "recipes/multirange.h"
#include "recipes/tags.h"
#include "support/sql_text.h"

namespace lockstep::recipes {
namespace {

using catalog::Catalog;
using catalog::Object;

// PostgreSQL's built-in ranges over such values.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kBuiltIn = {{
    {"tsrange", "timestamp without time zone"},
    {"tstzrange", "timestamp with time zone"},
    {"tsmultirange", "timestamp without time zone"},
    {"tstzmultirange", "timestamp with time zone"},
}};

// A type and the catalog in which its names are looked up.
struct Type {
  std::string printed;
  const Catalog& catalog;
};

const Object* find(const Type& type) {
  if (type.printed.find('.') == std::string::npos) return nullptr;  // built-in
  for (const Object& object : type.catalog.objects()) {
    if (object.id.path.size() != 2) continue;
    const bool is_type = object.id.is(*kDomain) || object.id.is(*kComposite) || object.id.is(*kRange) || object.id.is(*kTable);
    if (!is_type) continue;
    if (support::qualified(object.id.path) == type.printed) return &object;
    if (object.id.is(*kRange) && multirange_of(object) == type.printed) return &object;
  }
  return nullptr;
}

// The type below arrays, domains and ranges: a built-in type or a composite.
Type inner(Type type) {
  for (;;) {
    while (type.printed.ends_with("[]")) type.printed.resize(type.printed.size() - 2);
    const auto* const built_in =
        std::find_if(kBuiltIn.begin(), kBuiltIn.end(), [&](const auto& range) { return range.first == type.printed; });
    if (built_in != kBuiltIn.end()) type.printed = built_in->second;
    const Object* object = find(type);
    if (object == nullptr || !(object->id.is(*kDomain) || object->id.is(*kRange))) return type;
    type.printed = object->id.is(*kDomain) ? object->get(keys::kType) : object->get(keys::kSubtype);
  }
}

// The attributes of a composite, or of a table's row type.
std::vector<const Object*> attributes_of(const Object& composite, const Catalog& catalog) {
  std::vector<const Object*> found;
  for (const auto child : catalog.children(*catalog.index_of(composite.id))) {
    const Object& part = catalog.at(child);
    if (part.id.is(*kAttribute) || part.id.is(*kColumn)) found.push_back(&part);
  }
  return found;
}

bool has_zone(const Type& whole) {
  const Type type = inner(whole);
  const Object* composite = find(type);
  if (composite == nullptr) return type.printed.find(" with time zone") != std::string::npos;
  const auto parts = attributes_of(*composite, type.catalog);
  return std::any_of(parts.begin(), parts.end(), [&](const Object* part) {
    return has_zone({part->get(keys::kType), type.catalog});
  });
}

bool differ(const Type& whole_from, const Type& whole_to) {
  const Type from = inner(whole_from), to = inner(whole_to);
  const Object *before = find(from), *after = find(to);
  if (before == nullptr || after == nullptr) return has_zone(from) != has_zone(to);
  for (const Object* was : attributes_of(*before, from.catalog)) {
    for (const Object* is : attributes_of(*after, to.catalog)) {
      if (was->id.path[2] == is->id.path[2] && differ({was->get(keys::kType), from.catalog}, {is->get(keys::kType), to.catalog}))
        return true;
    }
  }
  return false;
}

}  // namespace

bool follows_time_zone(const std::string& from, const Catalog& from_catalog, const std::string& to, const Catalog& to_catalog) {
  return differ({from, from_catalog}, {to, to_catalog});
}

}  // namespace lockstep::recipes
