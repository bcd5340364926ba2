// Everything of a new object that can be said in its own transaction joins its first step: a new table appears with its
// keys, indexes, grants and comments at once, and a plan stays readable.
#include <algorithm>
#include <map>

#include "planner/draft.h"

namespace lockstep::planner {

using plan::Step;

namespace {

bool foldable(const Draft& draft) {
  return draft.does == Draft::Does::create && draft.step.mode == plan::TransactionMode::inside && draft.step.losses.empty() &&
         draft.step.breaking.empty() && draft.step.checks.empty();
}

void join(Step& head, const Step& part) {
  head.sql.insert(head.sql.end(), part.sql.begin(), part.sql.end());
  head.produces.insert(head.produces.end(), part.produces.begin(), part.produces.end());
  head.consumes.insert(head.consumes.end(), part.consumes.begin(), part.consumes.end());
  head.lock = std::max(head.lock, part.lock);
  head.scans = head.scans || part.scans;
  head.builds = head.builds || part.builds;
  head.rewrites = head.rewrites || part.rewrites;
  head.bytes = std::max(head.bytes, part.bytes);
}

// "2 indexes, 1 comment": what came along, by kind, in the order it came.
std::string along(const std::vector<std::string>& kinds) {
  std::vector<std::pair<std::string, int>> counts;
  for (const auto& kind : kinds) {
    const auto found = std::find_if(counts.begin(), counts.end(), [&](const auto& item) { return item.first == kind; });
    if (found == counts.end()) {
      counts.emplace_back(kind, 1);
    } else {
      ++found->second;
    }
  }
  std::string text;
  for (const auto& [kind, count] : counts) {
    std::string word = kind;
    std::replace(word.begin(), word.end(), '_', ' ');
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + word +
            (count > 1 ? (word.back() == 'x' || word.back() == 'k' ? "es" : "s") : "");
  }
  return text;
}

}  // namespace

std::vector<Step> fold(const Input& input, const std::vector<Draft>& drafts, const Order& order) {
  std::vector<Step> steps;
  std::vector<std::size_t> slot(drafts.size());  // of each draft, the step it ended in
  std::map<catalog::ObjectId, std::size_t> heads;
  std::map<std::size_t, std::vector<std::string>> along_with;
  for (const std::size_t node : order.sequence) {
    const Draft& draft = drafts[node];
    const auto root = root_of(draft.does == Draft::Does::drop ? input.from : input.to, draft.object);
    const auto head = heads.find(root);
    const bool joins = !input.elaborating && foldable(draft) && head != heads.end() &&
                       std::all_of(order.needs[node].begin(), order.needs[node].end(),
                                   [&](std::size_t before) { return slot[before] <= head->second; }) &&
                       draft.step.search_path == steps[head->second].search_path;
    if (joins) {
      slot[node] = head->second;
      join(steps[head->second], draft.step);
      const bool first_of_chain =
          draft.object != root && std::none_of(order.needs[node].begin(), order.needs[node].end(),
                                               [&](std::size_t before) { return drafts[before].chain == draft.chain; });
      if (first_of_chain) along_with[head->second].push_back(std::string(draft.object.kind->name));
      continue;
    }
    slot[node] = steps.size();
    if (draft.object == root && foldable(draft)) heads.try_emplace(root, steps.size());
    steps.push_back(draft.step);
  }
  for (const auto& [position, kinds] : along_with) steps[position].title += " (" + along(kinds) + ")";
  return steps;
}

}  // namespace lockstep::planner
