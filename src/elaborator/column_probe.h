// Observes on a scratch copy what PostgreSQL does to a table when columns are added or retyped.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "catalog/change.h"
#include "catalog/intent.h"
#include "postgres/scratch.h"
#include "recipes/context.h"

namespace lockstep::elaborator {

// Adds or retypes these columns on the copy, one statement each, as the plan's step would, and reports what PostgreSQL did.
// Everything is rolled back. `need_path`: columns whose conversion looks names up (planner/planner.h).
std::map<catalog::ObjectId, recipes::ColumnProbe> probe_columns(postgres::Scratch& copy,
                                                                const std::vector<catalog::Change>& changes,
                                                                const catalog::Catalog& live, const catalog::Catalog& desired,
                                                                const catalog::Intents& intents,
                                                                const std::set<catalog::ObjectId>& need_path);

}  // namespace lockstep::elaborator
