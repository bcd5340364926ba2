// Everything of a new object that can be said in its own transaction joins its first step: a new table appears with its
// keys, indexes, grants and comments at once, and a plan stays readable.
#include <algorithm>
#include <map>
#include <set>

#include "planner/draft.h"
#include "support/sql_text.h"

namespace lockstep::planner {

using plan::Step;

namespace {

// A new object that others can join.
bool may_lead(const Draft& draft) {
  return draft.does == Draft::Does::create && draft.step.mode == plan::TransactionMode::inside && draft.step.losses.empty() &&
         draft.step.breaking.empty();
}

bool foldable(const Draft& draft) {
  return may_lead(draft) && draft.step.checks.empty();
}

void join(Step& head, const Step& part) {
  head.sql.insert(head.sql.end(), part.sql.begin(), part.sql.end());
  head.produces.insert(head.produces.end(), part.produces.begin(), part.produces.end());
  head.consumes.insert(head.consumes.end(), part.consumes.begin(), part.consumes.end());
  head.lock = std::max(head.lock, part.lock);
  for (const auto& lock : part.locks) plan::add_lock(head.locks, lock);
  head.scans = head.scans || part.scans;
  head.converts = head.converts || part.converts;
  head.builds = head.builds || part.builds;
  head.rewrites = head.rewrites || part.rewrites;
  head.bytes = std::max(head.bytes, part.bytes);
  head.phase = std::max(head.phase, part.phase);
  head.destroys.insert(head.destroys.end(), part.destroys.begin(), part.destroys.end());
  head.helpers.insert(head.helpers.end(), part.helpers.begin(), part.helpers.end());
  head.losses.insert(head.losses.end(), part.losses.begin(), part.losses.end());
  head.consequences.insert(head.consequences.end(), part.consequences.begin(), part.consequences.end());
  for (const auto& check : part.checks) {
    if (std::find(head.checks.begin(), head.checks.end(), check) == head.checks.end()) head.checks.push_back(check);
  }
  for (const auto& schema : part.search_path) {
    if (std::find(head.search_path.begin(), head.search_path.end(), schema) == head.search_path.end())
      head.search_path.push_back(schema);
  }
}

// "change type of shop.orders.total …, and recreate view shop.totals": what a shared transaction is for.
// `instead`: new objects that take the place of dropped ones.
std::string title_of(const std::vector<const Draft*>& members, const std::set<const Draft*>& instead) {
  std::vector<std::string> changes, again, gone, made;
  for (const Draft* draft : members) {
    const bool new_form = instead.contains(draft);
    if (new_form && std::find(made.begin(), made.end(), catalog::to_string(draft->object)) == made.end())
      made.push_back(catalog::to_string(draft->object));
    const bool dropped_before = std::any_of(members.begin(), members.end(), [&](const Draft* other) {
      return other->does == Draft::Does::drop && other->object == draft->object;
    });
    const std::string name = catalog::to_string(draft->object);  // one object can take several steps
    if (draft->does == Draft::Does::create && dropped_before && !draft->remakes &&
        std::find(again.begin(), again.end(), name) == again.end())
      again.push_back(name);
    const bool comes_back = std::any_of(members.begin(), members.end(), [&](const Draft* other) {
      return other->does != Draft::Does::drop && other->object == draft->object;
    });
    if (draft->does == Draft::Does::drop && !comes_back && std::find(gone.begin(), gone.end(), name) == gone.end())
      gone.push_back(name);
    if (draft->does == Draft::Does::alter || draft->remakes) changes.push_back(draft->step.title);
  }
  constexpr std::size_t kNamed = 3;
  const std::size_t more = again.size() > kNamed ? again.size() - kNamed : 0;
  again.resize(std::min(again.size(), kNamed));
  const std::string names = support::join(again, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
  if (!gone.empty()) changes.push_back("drop " + support::join(gone, ", "));
  if (!made.empty()) changes.push_back("create " + support::join(made, ", "));
  if (changes.empty() && names.empty()) return members.front()->step.title;
  if (changes.empty()) return "drop and recreate " + names;
  return support::join(changes, "; ") + (names.empty() ? "" : ", recreating " + names);
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
    if (count > 1) {
      const bool sibilant = word.back() == 'x';  // an index
      if (word.back() == 'y' && word[word.size() - 2] != 'e') word.replace(word.size() - 1, 1, "ie");
      word += sibilant ? "es" : "s";
    }
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + word;
  }
  return text;
}

class Folder {
 public:
  Folder(const Input& input, const std::vector<Draft>& drafts, const Order& order)
      : input_(input), drafts_(drafts), order_(order), slot_(drafts.size()), sizes_(drafts.size()) {
    for (const std::size_t group : order.group) ++sizes_[group];
  }

  Folded run() {
    for (const std::size_t node : order_.sequence) {
      if (!share(node) && !fold_in(node)) stand(node);
    }
    std::set<const Draft*> instead;
    for (const auto& [old, next] : order_.replaced) {
      const auto& made = drafts_[next].object;
      const bool creates = drafts_[next].does == Draft::Does::create;
      const bool named = root_of(input_.to, made) == made ||  // no other part of it
                         (made.kind == drafts_[old].object.kind && !input_.from.contains(made));
      if (creates && named && made != drafts_[old].object && !drafts_[old].remakes) instead.insert(&drafts_[next]);
    }
    for (std::size_t node = 0; node < drafts_.size(); ++node) say_gap(node);
    for (const auto& [position, members] : shared_) steps_[position].title = title_of(members, instead);
    for (const auto& [position, kinds] : along_with_) steps_[position].title += " (" + along(kinds) + ")";
    return {std::move(steps_), std::move(slot_)};
  }

 private:
  // Between the drop and a later step that makes it again the object is missing.
  void say_gap(std::size_t node) {
    const Draft& drop = drafts_[node];
    if (drop.meanwhile.empty() || input_.elaborating) return;
    for (std::size_t other = 0; other < drafts_.size(); ++other) {
      if (drafts_[other].object != drop.object || !plan::names(drafts_[other].step.produces, drop.object)) continue;
      if (slot_[other] != slot_[node])
        steps_[slot_[node]].consequences.push_back(
            {"breaking", support::join(drop.object.path, "."), drop.meanwhile + "; a later step creates it again"});
      return;
    }
  }

  // A later step of its chain makes the object: it stands alone, and nothing joins it.
  bool comes_before_it(std::size_t node) const {
    const auto makes = [&](const Draft& draft) {
      return std::find(draft.step.produces.begin(), draft.step.produces.end(), draft.object) != draft.step.produces.end();
    };
    if (drafts_[node].does != Draft::Does::create || makes(drafts_[node])) return false;
    const std::size_t chain = drafts_[node].chain;
    while (++node < drafts_.size() && drafts_[node].chain == chain) {
      if (makes(drafts_[node])) return true;
    }
    return false;
  }

  // Members of a group follow each other in the sequence.
  bool share(std::size_t node) {
    const std::size_t group = order_.group[node];
    const auto open = open_.find(group);
    if (sizes_[group] == 1) return false;
    if (open == open_.end()) {
      stand(node);
      open_[group] = slot_[node];
    } else {
      slot_[node] = open->second;
      const Draft &first = *shared_[open->second].front(), &draft = drafts_[node];
      plan::join_breaking(steps_[open->second], support::join(first.object.path, "."), draft.step,
                          support::join(draft.object.path, "."));
      join(steps_[open->second], draft.step);
    }
    shared_[slot_[node]].push_back(&drafts_[node]);
    return true;
  }

  bool fold_in(std::size_t node) {
    const Draft& draft = drafts_[node];
    if (input_.elaborating || !foldable(draft) || comes_before_it(node)) return false;
    const auto root = root_of(input_.to, draft.object);
    const auto head = heads_.find(root);
    if (head == heads_.end() || draft.step.search_path != steps_[head->second].search_path) return false;
    const auto& needs = order_.needs[node];
    if (!std::all_of(needs.begin(), needs.end(), [&](std::size_t before) { return slot_[before] <= head->second; })) return false;
    slot_[node] = head->second;
    join(steps_[head->second], draft.step);
    const bool first_of_chain =
        std::none_of(needs.begin(), needs.end(), [&](std::size_t before) { return drafts_[before].chain == draft.chain; });
    if (draft.object != root && first_of_chain) along_with_[head->second].push_back(std::string(draft.object.kind->name));
    return true;
  }

  void stand(std::size_t node) {
    const Draft& draft = drafts_[node];
    slot_[node] = steps_.size();
    if (may_lead(draft) && draft.object == root_of(input_.to, draft.object) && !comes_before_it(node))
      heads_.try_emplace(draft.object, steps_.size());
    steps_.push_back(draft.step);
    // Whatever fails on scratch is a failure of what was declared.
    Step& step = steps_.back();
    if (input_.elaborating && step.produces.empty() && step.destroys.empty()) step.produces = {draft.object};
  }

  const Input& input_;
  const std::vector<Draft>& drafts_;
  const Order& order_;
  std::vector<std::size_t> slot_;   // of each draft, the step it ended in
  std::vector<std::size_t> sizes_;  // of each group, by its name
  std::vector<Step> steps_;
  std::map<catalog::ObjectId, std::size_t> heads_;
  std::map<std::size_t, std::size_t> open_;
  std::map<std::size_t, std::vector<const Draft*>> shared_;
  std::map<std::size_t, std::vector<std::string>> along_with_;
};

}  // namespace

Folded fold(const Input& input, const std::vector<Draft>& drafts, const Order& order) {
  return Folder(input, drafts, order).run();
}

}  // namespace lockstep::planner
