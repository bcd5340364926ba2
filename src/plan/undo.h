// The statement that takes a transitional object away, or gives a column its former name back.
#pragma once

#include <optional>
#include <string>

#include "plan/helper.h"

namespace lockstep::plan {

// From type, names and subject alone; Helper::undo isn't looked at. `partitioned`: an index of a partitioned table, which can't
// be dropped CONCURRENTLY. Absent where the type isn't one that Lockstep makes for a while, or the name isn't one that it gives.
// Pure.
std::optional<std::string> undo_statement(const Helper& helper, bool partitioned);

}  // namespace lockstep::plan
