#include "kinds/columns/without_values.h"

#include "kinds/kinds_list.h"

namespace lockstep::kinds {

using catalog::Attr;
using catalog::Object;

std::optional<Object> without_values(const Object& column, const catalog::Catalog& before, const catalog::Catalog& after) {
  constexpr Attr<bool> kNotNull{"not_null"};
  constexpr Attr<std::string> kIdentity{"identity"}, kGenerated{"generated"};
  if (!column.id.is(kColumn.tag) || !column.get(kNotNull) || column.has(kIdentity) || column.has(kGenerated)) return std::nullopt;
  if (!column.parent || !after.contains(*column.parent) || before.contains({&kDefault.tag, column.id.path})) return std::nullopt;
  Object relaxed = column;
  relaxed.set(kNotNull.name, {});
  return relaxed;
}

}  // namespace lockstep::kinds
