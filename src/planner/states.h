// The catalog between the steps of a plan: from `input.from` before the first one to what is desired after the last. Private to
// the planner.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "planner/draft.h"

namespace lockstep::planner {

// What a step makes of the declared schema: each object that it changes, as it is afterwards; absent: gone. Transitional objects
// are no part of it: a column that is hidden is gone only when it is dropped, an index that is being built is there when it is
// declared.
using Transition = std::map<catalog::ObjectId, std::optional<catalog::Object>>;
// One for each step of `folded`. What no step says that it changes happens in the step that changes what it belongs to.
std::vector<Transition> transitions(const Input& input, const Disposition& disposition, const std::vector<Draft>& drafts,
                                    const Folded& folded);

class States {
 public:
  explicit States(const Input& input) : input_(input) {}

  // The part of the catalog around what the next step changes, before and after it: enough to plan the way back.
  struct Around {
    catalog::Catalog before, after;
  };
  // Goes on to the state after the step.
  Around pass(const Transition& step);

 private:
  const catalog::Object* now(const catalog::ObjectId& id) const;
  std::vector<catalog::ObjectId> used_by(const catalog::ObjectId& id) const;
  std::vector<catalog::ObjectId> users_of(const catalog::ObjectId& id) const;
  std::set<catalog::ObjectId> parts_of(const catalog::ObjectId& id) const;
  std::set<catalog::ObjectId> neighbourhood(const Transition& step) const;
  using Roots = std::set<std::pair<const catalog::Catalog*, catalog::Index>>;
  void add_whole(const catalog::ObjectId& id, std::set<catalog::ObjectId>& ids, Roots& seen) const;
  bool waits_to_be_owned(const catalog::Object& object, const catalog::Catalog& side) const;
  catalog::Catalog part(const std::set<catalog::ObjectId>& ids) const;

  const Input& input_;
  Transition changed_;  // by the steps so far
};

}  // namespace lockstep::planner
