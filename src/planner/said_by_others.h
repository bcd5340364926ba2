// Rules of a table that go under one name and come back under another (two checks that exchange their names): both changes are
// one transaction, so that the rule holds all along. Private to the planner.
#pragma once

#include <utility>
#include <vector>

#include "planner/draft.h"

namespace lockstep::planner {

// {the step that drops the one, the first that creates the other}.
std::vector<std::pair<std::size_t, std::size_t>> said_by_others(const Input& input, const std::vector<Draft>& drafts);

}  // namespace lockstep::planner
