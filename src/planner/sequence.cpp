#include "planner/sequence.h"

#include <algorithm>
#include <iterator>
#include <queue>
#include <string>
#include <tuple>

#include "kinds/registry.h"
#include "support/error.h"

namespace lockstep::planner {

namespace {

class Sequencer {
 public:
  Sequencer(std::vector<Draft>& drafts, const std::vector<std::vector<std::size_t>>& needs) : drafts_(drafts), needs_(needs) {}

  // Empty where steps wait for each other.
  std::vector<std::size_t> sort(const Hints& hints) {
    open_.assign(drafts_.size(), 0);
    std::vector<std::vector<std::size_t>> followers(drafts_.size());
    for (std::size_t node = 0; node < drafts_.size(); ++node) {
      open_[node] = needs_[node].size();
      for (const std::size_t before : needs_[node]) followers[before].push_back(node);
    }
    for (const auto& [node, before] : hints) {
      ++open_[node];
      followers[before].push_back(node);
    }
    const auto phases = drafts_phases();
    const auto later = [&](std::size_t a, std::size_t b) { return key(a) > key(b); };
    std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> ready(later);
    for (std::size_t node = 0; node < drafts_.size(); ++node) {
      if (open_[node] == 0) ready.push(node);
    }
    std::vector<std::size_t> sequence;
    while (!ready.empty()) {
      const std::size_t node = ready.top();
      ready.pop();
      sequence.push_back(node);
      for (const std::size_t follower : followers[node]) {
        auto& phase = drafts_[follower].step.phase;
        phase = std::max(phase, drafts_[node].step.phase);
        if (--open_[follower] == 0) ready.push(follower);
      }
    }
    if (sequence.size() == drafts_.size()) return sequence;
    for (std::size_t node = 0; node < drafts_.size(); ++node) drafts_[node].step.phase = phases[node];
    return {};
  }

  [[noreturn]] void refuse_cycle() const {
    throw support::RefusedError(
        "these changes wait for each other, and Lockstep knows no order for them in one plan:\n  " + cycle() +
        "\nNothing was changed. Make the change in two applies: leave one of these objects out of the files "
        "in the first, and declare it in the second.");
  }

 private:
  std::tuple<int, int, int, std::size_t> key(std::size_t node) const {
    const Draft& draft = drafts_[node];
    const bool drop = draft.does == Draft::Does::drop;
    const int rank = kinds::rank(draft.object);
    return {static_cast<int>(draft.step.phase), drop ? 1 : 0, drop ? -rank : rank, node};
  }

  std::vector<plan::Phase> drafts_phases() const {
    std::vector<plan::Phase> phases;
    for (const Draft& draft : drafts_) phases.push_back(draft.step.phase);
    return phases;
  }

  std::string cycle() const {
    std::size_t node = 0;
    while (open_[node] == 0) ++node;
    std::vector<std::size_t> seen;
    while (std::find(seen.begin(), seen.end(), node) == seen.end()) {
      seen.push_back(node);
      for (const std::size_t before : needs_[node]) {
        if (open_[before] > 0) {
          node = before;
          break;
        }
      }
    }
    std::string path;
    for (auto at = std::find(seen.begin(), seen.end(), node); at != seen.end(); ++at) path += drafts_[*at].step.title + " → ";
    return path + drafts_[node].step.title;
  }

  std::vector<Draft>& drafts_;
  const std::vector<std::vector<std::size_t>>& needs_;
  std::vector<std::size_t> open_;  // of each node, how many it still waits for
};

// Whether `node` waits for `before`, directly or not.
bool waits(std::size_t node, std::size_t before, const std::vector<std::vector<std::size_t>>& needs) {
  std::vector<bool> seen(needs.size());
  std::vector<std::size_t> open{node};
  while (!open.empty()) {
    const std::size_t next = open.back();
    open.pop_back();
    if (next == before) return true;
    if (seen[next]) continue;
    seen[next] = true;
    open.insert(open.end(), needs[next].begin(), needs[next].end());
  }
  return false;
}

// Without those that close a circle: bodies that call each other, a name that has to be freed.
Hints without_contradictions(const Hints& hints, std::vector<std::vector<std::size_t>> needs) {
  for (const auto& [node, before] : hints) needs[node].push_back(before);
  Hints kept;
  std::copy_if(hints.begin(), hints.end(), std::back_inserter(kept),
               [&](const auto& hint) { return !waits(hint.second, hint.first, needs); });
  return kept;
}

}  // namespace

std::vector<std::size_t> sequence_of(std::vector<Draft>& drafts, const std::vector<std::vector<std::size_t>>& needs,
                                     Hints& hints) {
  Sequencer sequencer(drafts, needs);
  std::vector<std::size_t> sequence = sequencer.sort(hints);
  if (sequence.empty() && !hints.empty()) {
    hints = without_contradictions(hints, needs);
    sequence = sequencer.sort(hints);
  }
  if (sequence.size() < drafts.size()) sequencer.refuse_cycle();
  return sequence;
}

}  // namespace lockstep::planner
