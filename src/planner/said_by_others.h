// Parts of a table that say by a new name what another one has said, which goes (two checks that exchange their names): nobody
// meets the table without it. Private to the planner.
#pragma once

#include <utility>
#include <vector>

#include "planner/draft.h"

namespace lockstep::planner {

// {the step that drops the one, the first that creates the other}.
std::vector<std::pair<std::size_t, std::size_t>> said_by_others(const Input& input, const std::vector<Draft>& drafts);

}  // namespace lockstep::planner
