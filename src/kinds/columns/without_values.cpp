#include "kinds/columns/without_values.h"

#include "catalog/keys.h"
#include "kinds/kinds_list.h"

namespace lockstep::kinds {

using catalog::Object;

std::optional<Object> without_values(const Object& column, const catalog::Catalog& before, const catalog::Catalog& after) {
  if (!column.id.is(kColumn.tag) || !column.get(keys::kNotNull) || column.has(keys::kIdentity) || column.has(keys::kGenerated))
    return std::nullopt;
  if (!column.parent || !after.contains(*column.parent) || before.contains({&kDefault.tag, column.id.path})) return std::nullopt;
  Object relaxed = column;
  relaxed.set(keys::kNotNull.name, {});
  return relaxed;
}

bool is_computed(const Object& column) {
  return column.id.is(kColumn.tag) && column.has(keys::kGenerated);
}

}  // namespace lockstep::kinds
