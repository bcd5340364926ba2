// The order of a plan's steps: a topological sort of what each step needs. Ties: phase, creations before drops, registry order,
// the order in which the steps were drafted. Private to the planner.
#pragma once

#include <utility>
#include <vector>

#include "planner/draft.h"

namespace lockstep::planner {

using Hints = std::vector<std::pair<std::size_t, std::size_t>>;  // node, what had better be before it

// `needs[node]`: the nodes that come before it, each once. Of `hints` those are removed that contradict it or each other. A
// step's phase is never earlier than that of what it needs. Throws RefusedError with the path where steps wait for each other.
std::vector<std::size_t> sequence_of(std::vector<Draft>& drafts, const std::vector<std::vector<std::size_t>>& needs,
                                     Hints& hints);

}  // namespace lockstep::planner
