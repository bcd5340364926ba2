// The steps that give objects their new names.
#include <utility>

#include "kinds/names/renamed.h"
#include "kinds/registry.h"
#include "planner/draft.h"
#include "planner/planner.h"
#include "support/error.h"

namespace lockstep::planner {

using catalog::ObjectId;

ObjectId name_before(const ObjectId& id, const std::vector<Rename>& renames) {
  ObjectId old = id;
  // Newest first: a column's rename speaks of its table's new name.
  for (auto rename = renames.rbegin(); rename != renames.rend(); ++rename) old = kinds::renamed(old, rename->to, rename->from);
  return old;
}

ObjectId name_after(const ObjectId& id, const std::vector<Rename>& renames) {
  ObjectId now = id;
  for (const Rename& rename : renames) now = kinds::renamed(now, rename.from, rename.to);
  return now;
}

plan::Steps rename_steps(const Rename& rename, const kinds::Context& context) {
  const kinds::KindSpec& kind = kinds::of(rename.from);
  if (kind.rename == nullptr)
    throw support::RefusedError(catalog::to_string(rename.from) + ": this kind of object can't be renamed");
  plan::Steps steps = kind.rename(rename.from, rename.to, context);
  for (auto& step : steps) {
    if (step.title.empty()) step.title = "rename " + catalog::to_string(rename.from) + " to " + rename.to.path.back();
    step.destroys = {rename.from};
    step.produces = {rename.to};
    step.renames = true;
  }
  return steps;
}

plan::Steps renaming(const Input& input, const kinds::Context& context) {
  plan::Steps all;
  std::vector<Rename> made;
  for (const Rename& rename : input.renames) {
    const ObjectId first = name_before(rename.from, made);
    plan::Steps back = rename_steps({rename.to, rename.from}, context);
    plan::Steps steps = rename_steps(rename, context);
    for (auto& step : steps) declare_rename_locks(input, first, made, step);
    made.push_back(rename);
    for (auto& step : back) declare_rename_locks(input, first, made, step);
    const auto place = input.places.find(first);
    for (auto& step : steps) {
      if (!back.empty()) step.undo.steps = std::exchange(back, {});  // of all its steps, which nothing but a rename needs
      if (place != input.places.end()) step.source = place->second;
      if (rename.own) step.breaking.clear();
      all.push_back(std::move(step));
    }
  }
  return all;
}

}  // namespace lockstep::planner
