// What adding or retyping columns would do to a table, asked of PostgreSQL on a scratch copy.
#pragma once

#include <map>
#include <vector>

#include "catalog/change.h"
#include "postgres/scratch.h"
#include "recipes/context.h"

namespace lockstep::elaborator {

// Asks PostgreSQL, on the copy, what adding or retyping these columns in one statement would do. Leaves no trace.
std::map<catalog::ObjectId, recipes::ColumnProbe> probe_columns(postgres::Scratch& copy,
                                                                const std::vector<catalog::Change>& changes,
                                                                const catalog::Catalog& live, const catalog::Catalog& desired);

}  // namespace lockstep::elaborator
