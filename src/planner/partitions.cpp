// Partitions of one parent that take each other's place.
#include "kinds/inheritance/partition_places.h"
#include "planner/draft.h"

namespace lockstep::planner {

std::vector<std::pair<std::size_t, std::size_t>> partitions_in_the_way(const Input& input, const std::vector<Draft>& drafts) {
  std::vector<std::pair<std::size_t, kinds::PartitionPlace>> emptied, taken;
  for (std::size_t node = 0; node < drafts.size(); ++node) {
    const Draft& draft = drafts[node];
    const catalog::Object *from = input.from.find(draft.object), *to = input.to.find(draft.object);
    const auto old = from == nullptr ? std::nullopt : kinds::place_emptied(draft.step, *from);
    if (old) emptied.emplace_back(node, *old);
    const auto next = to == nullptr ? std::nullopt : kinds::place_taken(draft.step, *to);
    if (next) taken.emplace_back(node, *next);
  }
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (const auto& [node, place] : taken) {
    for (const auto& [before, old] : emptied) {
      if (drafts[node].chain != drafts[before].chain && kinds::must_be_emptied(old, place)) pairs.emplace_back(node, before);
    }
  }
  return pairs;
}

}  // namespace lockstep::planner
