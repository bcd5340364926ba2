// A column that changes places with its successor, before and after.
#pragma once

#include <algorithm>

#include "kinds/kind.h"
#include "recipes/column_succession.h"

namespace lockstep::kinds {

inline const Object& before(const recipes::Succession::Column& column, const Context& context) {
  return *context.from.find(column.id);
}
// Whether the plan leaves alone what is to be built a second time.
inline bool stands(const recipes::Succession& succession, const Context& context) {
  const auto anew = [&](const auto& one) { return context.is_new(one.id); };
  return std::none_of(succession.dependents.begin(), succession.dependents.end(), anew) &&
         std::none_of(succession.columns.begin(), succession.columns.end(), anew);
}
inline const Object& after(const recipes::Succession::Column& column, const Context& context) {
  return *context.to.find(column.id);
}

}  // namespace lockstep::kinds
