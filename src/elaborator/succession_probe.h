// What columns that change their type beside the traffic need from PostgreSQL (kinds/recreation/column_successions.h).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "elaborator/scratch_copy.h"
#include "planner/planner.h"
#include "recipes/column_succession.h"
#include "recipes/second_name.h"

namespace lockstep::elaborator {

// Which columns get a successor, and how the copy's database prints what depends on them under the successors' names. The copy is
// as before afterwards. `keep`: columns that something hangs on which nothing could move to a successor. `notes`: why other large
// tables are rewritten; appended. Nothing is asked if no column gets one.
recipes::Successions probe_successions(Copy& copy, const planner::Input& input, const std::set<catalog::ObjectId>& keep,
                                       std::vector<std::string>& notes);

// The same for renames whose old and new names both work at the gate (kinds/recreation/second_names.h). `notes`: why other new
// names don't; appended.
recipes::SecondNames probe_second_names(Copy& copy, const planner::Input& input, std::vector<std::string>& notes);

}  // namespace lockstep::elaborator
