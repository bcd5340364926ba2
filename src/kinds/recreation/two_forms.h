// A column that changes places with its successor, before and after.
#pragma once

#include "kinds/kind.h"
#include "recipes/column_succession.h"

namespace lockstep::kinds {

inline const Object& before(const recipes::Succession::Column& column, const Context& context) {
  return *context.from.find(column.id);
}
inline const Object& after(const recipes::Succession::Column& column, const Context& context) {
  return *context.to.find(column.id);
}

}  // namespace lockstep::kinds
