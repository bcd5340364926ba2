// The one statement that would make a change of a column directly: asked of PostgreSQL on a scratch copy, to hear whether
// it rewrites, scans or builds (recipes/context.h, ColumnProbe).
#pragma once

#include <optional>
#include <string>

#include "kinds/kind.h"

namespace lockstep::kinds {

// Nothing: the change is not of a column, or needs no asking.
std::optional<std::string> column_probe(const Change& change, const Catalog& live, const Catalog& desired);

}  // namespace lockstep::kinds
