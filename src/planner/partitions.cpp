// Partitions of one parent that take each other's place, and those that are half detached.
#include "kinds/inheritance/partition_places.h"
#include "kinds/registry.h"
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

namespace {

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

// A table that becomes a partition loses an index: PostgreSQL would make it the share of an equal one of the parent, which may be
// about to go.
void add_indexes_before_joining(const Input& input, const std::vector<Draft>& drafts, Pairs& pairs) {
  for (std::size_t node = 0; node < drafts.size(); ++node) {
    const catalog::ObjectId& table = drafts[node].object;
    const catalog::Object* to = input.to.find(table);
    if (to == nullptr || !input.from.contains(table) || !kinds::place_taken(drafts[node].step, *to)) continue;
    for (std::size_t other = 0; other < drafts.size(); ++other) {
      const catalog::ObjectId& part = drafts[other].object;
      if (drafts[other].does == Draft::Does::drop && part != table && kinds::of(part).is_relation() &&
          input.from.contains(part) && root_of(input.from, part) == table)
        pairs.emplace_back(node, other);
    }
  }
}

}  // namespace

Pairs before_partitions_change(const Input& input, const std::vector<Draft>& drafts) {
  Pairs pairs;
  add_indexes_before_joining(input, drafts, pairs);
  for (std::size_t first = 0; first < drafts.size(); ++first) {
    const catalog::ObjectId& table = drafts[first].object;
    const catalog::Object* from = input.from.find(table);
    if (from == nullptr || !kinds::finishes_detaching(drafts[first].step, *from)) continue;
    const auto of_table = [&](const catalog::Catalog& side, const catalog::ObjectId& id) {
      return side.contains(id) && root_of(side, id) == table;
    };
    for (std::size_t node = 0; node < drafts.size(); ++node) {
      const Draft& other = drafts[node];
      if (other.chain != drafts[first].chain && (of_table(input.from, other.object) || of_table(input.to, other.object)))
        pairs.emplace_back(node, first);
    }
  }
  return pairs;
}

}  // namespace lockstep::planner
