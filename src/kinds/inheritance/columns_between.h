// What the catalog says of inherited columns between the steps of a plan, for the way back from each step (planner/states).
//
// A column's settings stand in three places: in the column and its default where it is its table's own, in its `override`
// where it has parents. A table that leaves or joins its parents moves all of them from one place to the other without a change
// of the column itself; a parent that changes makes an override come or go in the same way. So the settings are followed, each
// from its old to its new value by the step that sets it, and the objects are made from them as PostgreSQL's catalog would be
// read then. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "kinds/kind.h"

namespace lockstep::kinds {

// What is asked of the plan; absent: no step of it does that.
struct Moments {
  // The last step that says of itself that it sets the attribute of one of these objects (plan::Step::alters).
  std::function<std::optional<std::size_t>(const std::set<ObjectId>&, std::string_view)> set;
  // The step that makes, drops or alters (this attribute of) the object.
  std::function<std::optional<std::size_t>(const ObjectId&, std::string_view)> changed;
};

// The object from that step on; null: it is gone. What is before the first entry is as in `from`.
using Between = std::map<ObjectId, std::map<std::size_t, std::optional<Object>>>;

// Of each column that has parents before or after, and that one of `touched` is about, or is above: the column, its default and
// its override. `touched`: what the plan makes, drops or alters.
Between columns_between(const std::set<ObjectId>& touched, const Catalog& from, const Catalog& to, const Moments& moments);

// A step names a column's override to say whose setting it sets (plan::Step::alters). Takes the name out of `produces` where
// nothing is left to say beside the parents in the end.
void leave_out_empty_overrides(Step& step, const Catalog& to);

}  // namespace lockstep::kinds
