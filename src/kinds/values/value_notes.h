// What a plan does to stored values, for its section "Values" (plan/values.h). Derived from what happens to each object and
// from where values of it are stored (stored_values.h). Pure.
#pragma once

#include <set>
#include <vector>

#include "kinds/kind.h"
#include "plan/plan.h"

namespace lockstep::kinds {

// The planner's decisions.
struct Touched {
  const std::vector<Change>& changes;
  const std::set<ObjectId>& destroyed;        // for good, or recreated later
  const std::set<ObjectId>& recreated_types;  // types whose values are carried over
  const std::set<ObjectId>& carried;          // columns with such values
};
std::vector<plan::ValueNote> value_notes(const Touched& touched, const Context& context);

// What clients with prepared statements meet, though nothing is taken from them: one line, or none.
std::vector<std::string> result_notes(const std::vector<Change>& changes);

}  // namespace lockstep::kinds
