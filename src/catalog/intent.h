// What the author means where the shape alone can't say it. Intents change how a database gets there, never what it becomes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalog/object.h"
#include "support/source_text.h"

namespace lockstep::catalog {

struct Intent {
  std::vector<std::string> renamed_from;  // older names, newest first
  bool renamed_in_this_plan = false;      // set when `renamed_from` is acted on, which `convert` then speaks of
  std::optional<std::string> backfill;    // SQL expression over the row
  std::optional<std::string> convert;     // SQL expression over the old row
  // The same over the row as it is before the plan, where `convert` names types that the plan sets aside
  // (kinds/columns/carried.h). Absent: it can be read only in the step.
  std::optional<std::string> convert_before;
  std::optional<std::string> convert_back;
  support::Span span;
};

using Intents = std::map<ObjectId, Intent>;

}  // namespace lockstep::catalog
