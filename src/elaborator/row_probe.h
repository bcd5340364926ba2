// Checks of rows, as PostgreSQL interprets them on a scratch copy.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "catalog/change.h"
#include "planner/planner.h"
#include "postgres/scratch.h"
#include "recipes/row_probe.h"
#include "recipes/time_zones.h"

namespace lockstep::elaborator {

// The time zones of the target. `own`: its own settings, from its snapshot. One query.
recipes::TimeZones time_zones_of(postgres::Session& target, const std::map<std::string, std::string>& own);
// What new indexes, exclusion constraints and partitions require of a row, as PostgreSQL prints it (recipes/row_probe.h).
std::map<catalog::ObjectId, recipes::RowProbe> probe_rows(postgres::Scratch& copy, const std::vector<catalog::Change>& changes,
                                                          const catalog::Catalog& live, const catalog::Catalog& desired);

}  // namespace lockstep::elaborator
