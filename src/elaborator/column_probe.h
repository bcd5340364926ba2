// Observes on a scratch copy what PostgreSQL does to a table when columns are added or retyped.
#pragma once

#include <map>
#include <vector>

#include "catalog/change.h"
#include "postgres/scratch.h"
#include "recipes/context.h"

namespace lockstep::elaborator {

// Adds or retypes these columns on the copy, one statement each, and reports what PostgreSQL did. Everything is rolled back.
std::map<catalog::ObjectId, recipes::ColumnProbe> probe_columns(postgres::Scratch& copy,
                                                                const std::vector<catalog::Change>& changes,
                                                                const catalog::Catalog& live, const catalog::Catalog& desired);

}  // namespace lockstep::elaborator
