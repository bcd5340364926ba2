#include "kinds/recreation/same.h"

#include <algorithm>

#include "kinds/registry.h"

namespace lockstep::kinds {

bool same(const Object& before, const Object& after) {
  const auto& attributes = of(before.id).attributes;
  return std::all_of(attributes.begin(), attributes.end(), [&](const auto& attribute) {
    return attribute.derived || attribute.facet || before.value(attribute.name) == after.value(attribute.name);
  });
}

std::string other_satellites(const ObjectId& column, const Context& context) {
  const auto compare = [&](const Catalog& one, const Catalog& other) -> std::string {
    for (const auto child : one.children(*one.index_of(column))) {
      const Object& part = one.at(child);
      if (!of(part.id).is_satellite()) continue;
      const Object* counterpart = other.find(part.id);
      if (counterpart == nullptr || !same(part, *counterpart)) return catalog::to_string(part.id) + " changes too";
    }
    return {};
  };
  const std::string why = compare(context.from, context.to);
  return why.empty() ? compare(context.to, context.from) : why;
}

}  // namespace lockstep::kinds
