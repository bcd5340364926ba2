// A column that is created anew in rows that had values in it, which only a backup has.
#pragma once

#include <optional>

#include "catalog/catalog.h"

namespace lockstep::kinds {

// The column without NOT NULL, if the rows that exist would have no value for it: it has no default, is no identity and is not
// generated, and its table is in `after` too. Absent: it can come back as it was, or the object is no column.
std::optional<catalog::Object> without_values(const catalog::Object& column, const catalog::Catalog& before,
                                              const catalog::Catalog& after);

// Whether its values are computed, so that they come back by themselves.
bool is_computed(const catalog::Object& column);

}  // namespace lockstep::kinds
