// What is dropped only to be recreated (a view over a column that changes its type) is never missing for anybody: the drop,
// the recreating and what has to happen between them share one transaction.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <queue>
#include <set>

#include "planner/draft.h"
#include "support/error.h"

namespace lockstep::planner {
namespace {

using NodeSet = std::set<std::size_t>;
using Links = std::vector<std::vector<std::size_t>>;

// Whoever waits for one of a group waits for all of it.
void reach(const Links& links, const std::vector<const NodeSet*>& group_of, std::size_t from, NodeSet& seen) {
  std::vector<std::size_t> open{from};
  const auto visit = [&](std::size_t next) {
    if (seen.insert(next).second) open.push_back(next);
  };
  while (!open.empty()) {
    const std::size_t node = open.back();
    open.pop_back();
    for (const std::size_t next : links[node]) {
      visit(next);
      if (group_of[next] != nullptr) std::for_each(group_of[next]->begin(), group_of[next]->end(), visit);
    }
  }
}

// The members and everything on a way between two of them.
NodeSet closure(const Links& needs, const Links& followers, const std::vector<NodeSet>& groups, const NodeSet& members) {
  std::vector<const NodeSet*> group_of(needs.size(), nullptr);
  for (const NodeSet& group : groups) {
    for (const std::size_t node : group) group_of[node] = &group;
  }
  NodeSet before, after, all = members;
  for (const std::size_t node : members) {
    reach(needs, group_of, node, before);
    reach(followers, group_of, node, after);
  }
  std::set_intersection(before.begin(), before.end(), after.begin(), after.end(), std::inserter(all, all.end()));
  return all;
}

class Joiner {
 public:
  Joiner(const std::vector<Draft>& drafts, Order& order) : drafts_(drafts), order_(order), followers_(drafts.size()) {
    for (std::size_t node = 0; node < drafts.size(); ++node) {
      for (const std::size_t before : order.needs[node]) followers_[before].push_back(node);
    }
  }

  void run() {
    order_.group.resize(drafts_.size());
    std::iota(order_.group.begin(), order_.group.end(), std::size_t{0});
    std::vector<NodeSet> groups;
    for (const auto& [drop, create] : order_.replaced) add(groups, {drop, create});
    for (const NodeSet& group : groups) {
      for (const std::size_t node : group) order_.group[node] = *group.begin();
    }
    if (groups.empty() || resequence()) return;
    std::iota(order_.group.begin(), order_.group.end(), std::size_t{0});  // groups that wait for each other: one by one then
  }

 private:
  // Groups that touch become one. What can't be in one transaction (an index built concurrently) keeps nothing else out of it.
  void add(std::vector<NodeSet>& groups, NodeSet members) const {
    std::vector<NodeSet> apart = groups;
    for (bool grown = true; grown;) {
      grown = false;
      members = closure(order_.needs, followers_, apart, members);
      for (auto other = apart.begin(); other != apart.end(); ++other) {
        const bool touches = std::any_of(other->begin(), other->end(), [&](std::size_t node) { return members.contains(node); });
        if (!touches) continue;
        members.insert(other->begin(), other->end());
        apart.erase(other);
        grown = true;
        break;
      }
    }
    if (!can_share(members)) return;
    apart.push_back(std::move(members));
    groups = std::move(apart);
  }

  bool can_share(const NodeSet& group) const {
    return std::all_of(group.begin(), group.end(),
                       [&](std::size_t node) { return drafts_[node].step.mode == plan::TransactionMode::inside; });
  }

  // Topological over groups; ties by the old sequence. False: groups wait for each other.
  bool resequence() {
    std::vector<std::size_t> position(drafts_.size());
    for (std::size_t i = 0; i < order_.sequence.size(); ++i) position[order_.sequence[i]] = i;
    std::vector<NodeSet> members(drafts_.size()), waits(drafts_.size()), next(drafts_.size());
    for (std::size_t node = 0; node < drafts_.size(); ++node) {
      const std::size_t group = order_.group[node];
      members[group].insert(position[node]);
      for (const std::size_t before : order_.needs[node]) {
        const std::size_t other = order_.group[before];
        if (other != group && waits[group].insert(other).second) next[other].insert(group);
      }
    }
    const auto later = [&](std::size_t a, std::size_t b) { return *members[a].begin() > *members[b].begin(); };
    std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> ready(later);
    for (std::size_t group = 0; group < drafts_.size(); ++group) {
      if (order_.group[group] == group && waits[group].empty()) ready.push(group);
    }
    std::vector<std::size_t> sequence;
    while (!ready.empty()) {
      const std::size_t group = ready.top();
      ready.pop();
      for (const std::size_t at : members[group]) sequence.push_back(order_.sequence[at]);
      for (const std::size_t follower : next[group]) {
        waits[follower].erase(group);
        if (waits[follower].empty()) ready.push(follower);
      }
    }
    if (sequence.size() < drafts_.size()) return false;
    order_.sequence = std::move(sequence);
    return true;
  }

  const std::vector<Draft>& drafts_;
  Order& order_;
  Links followers_;
};

}  // namespace

// Between the two transactions stored values would be text that nobody expects.
void refuse_values_left_aside(const std::vector<Draft>& drafts, const Order& order) {
  for (const auto& [set_aside, carried] : order.replaced) {
    if (drafts[carried].ends.empty() || order.group[set_aside] == order.group[carried]) continue;
    throw support::RefusedError(
        fmt::format("\"{}\" and \"{}\" must share one transaction, and what this plan does between them can't.\n"
                    "Nothing was changed. Change the type in an apply of its own.",
                    drafts[set_aside].step.title, drafts[carried].step.title));
  }
}

// Something between the two can't be in their transaction (an index that is built beside the traffic).
void warn_of_gaps(std::vector<Draft>& drafts, const Order& order) {
  for (const auto& [drop, create] : order.replaced) {
    const bool gap = drafts[drop].object == drafts[create].object && order.group[drop] != order.group[create];
    if (gap && !drafts[drop].gap.empty()) drafts[drop].step.breaking = drafts[drop].gap + ", until it is created anew";
  }
}

void join_replacements(std::vector<Draft>& drafts, Order& order) {
  Joiner(drafts, order).run();
  refuse_values_left_aside(drafts, order);
  warn_of_gaps(drafts, order);
}

}  // namespace lockstep::planner
