#include "kinds/names/shared_names.h"

#include <algorithm>
#include <iterator>

#include "kinds/kinds_list.h"
#include "kinds/registry.h"

namespace lockstep::kinds {

using catalog::ObjectId;

namespace {

// A row of pg_type has its name.
bool is_type(const ObjectId& id) {
  const KindSpec* kinds[] = {&kTable, &kView, &kMaterializedView, &kForeignTable, &kComposite, &kEnum, &kDomain, &kRange};
  return std::any_of(std::begin(kinds), std::end(kinds), [&](const KindSpec* kind) { return id.is(kind->tag); });
}

}  // namespace

std::vector<std::string> shared_names(const ObjectId& id) {
  const std::string name = id.path.front() + '\0' + id.path.back();
  std::vector<std::string> names;
  if (of(id).is_relation()) names.push_back("relation " + name);
  if (is_type(id)) names.push_back("type " + name);
  return names;
}

}  // namespace lockstep::kinds
