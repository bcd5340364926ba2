// `map 'old' to 'new'` of enums against the database.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "catalog/change.h"
#include "catalog/intent.h"
#include "parser/declared.h"
#include "planner/planner.h"
#include "session/session.h"
#include "support/diagnostic.h"

namespace lockstep::reconciler {

// A map matches nothing if the enum is there and has neither of its two values: an error, as of `renamed from`.
void require_known_maps(const parser::Declared& declared, const catalog::Catalog& live,
                        const std::vector<planner::Rename>& renames, support::Diagnostics& diagnostics);

// Rows by the query that counts them, so that each is asked once.
using CountedRows = std::map<std::string, std::vector<std::string>>;

// Says for each column that holds a mapped value how its values are converted (kinds/columns/mapped.h), with the number of rows
// that the target has now. For a table that may not be read the plan says so instead of a number.
void add_mapped(catalog::Intents& intents, const std::vector<catalog::Change>& changes, const catalog::Catalog& live,
                const catalog::Catalog& desired, postgres::Session& target, CountedRows& counted);

}  // namespace lockstep::reconciler
