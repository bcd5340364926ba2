// What the author states in addition to the shape: `renamed from`, `backfill`, `convert`, `map`, `online`. Intents decide how a
// database gets to the desired state, never what that state is.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalog/object.h"
#include "support/source_text.h"

namespace lockstep::catalog {

// Rows that hold `from`, which the enum has no longer, get `to`.
struct MappedValue {
  std::string from, to;
};

struct Intent {
  std::vector<std::string> renamed_from;  // older names, newest first
  bool renamed_in_this_plan = false;      // the plan renames it at its end; `convert` uses the name before
  std::optional<std::string> backfill;    // SQL expression over the row
  std::optional<std::string> convert;     // SQL expression over the old row
  // The same over the row as it is before the plan, if `convert` names types that the plan renames out of the way
  // (kinds/columns/carried.h). Absent: the expression can be evaluated only in the step itself.
  std::optional<std::string> convert_before;
  std::optional<std::string> convert_back;
  std::vector<MappedValue> map;  // of an enum
  // Of a column: `convert` is not the author's, but follows from the `map` of an enum inside its type (kinds/columns/mapped.h).
  // For people: "'lost' becomes 'cancelled' (12 rows)".
  std::optional<std::string> mapped;
  // Of a table: whether its columns change their types beside the traffic whatever its size (`online`), or in one statement
  // (`offline`). Absent: its size decides.
  std::optional<bool> online;
  support::Span span;
};

using Intents = std::map<ObjectId, Intent>;

}  // namespace lockstep::catalog
