// Renames of columns that change their type too, and have worked under both names: they share the swap's transaction, or the new
// name would be missing between the two.
#include <algorithm>
#include <functional>

#include "kinds/names/renamed.h"
#include "kinds/recreation/names_back.h"
#include "planner/draft.h"
#include "recipes/column_succession.h"
#include "support/sql_text.h"

namespace lockstep::planner {
namespace {

using catalog::ObjectId;
using plan::Helper;
using recipes::Succession;

bool takes(const plan::Step& step, const Succession::Column& column) {
  const std::vector<std::string> names{column.id.path[0], column.id.path[1], column.successor};
  return std::any_of(step.helpers.begin(), step.helpers.end(),
                     [&](const Helper& helper) { return helper.change == Helper::Change::taken && helper.names == names; });
}

// The ids of a step that runs after the rename: objects have their new names in it.
void rename_in(std::vector<ObjectId>& ids, const plan::Step& rename) {
  for (ObjectId& id : ids) id = kinds::renamed(id, rename.destroys, rename.produces);
}

// The pairs of names come first: whoever follows a rename reads them side by side.
void join_ids(plan::Step& swap, const plan::Step& rename) {
  std::vector<ObjectId> destroyed = std::move(swap.destroys), produced = std::move(swap.produces);
  rename_in(produced, rename);
  swap.destroys = rename.destroys;
  swap.produces = rename.produces;
  for (const ObjectId& id : destroyed) {
    const ObjectId now = kinds::renamed(id, rename.destroys, rename.produces);
    swap.destroys.push_back(id);
    swap.produces.push_back(now);
  }
  for (ObjectId& id : produced) {
    if (!plan::names(swap.produces, id)) swap.produces.push_back(std::move(id));
  }
}

void add_breaking(plan::Step& whole, const plan::Step& part) {
  if (whole.breaking.empty()) {
    whole.breaking = part.breaking;
  } else if (!part.breaking.empty()) {
    whole.consequences.push_back({"breaking", support::join(part.produces.front().path, "."), part.breaking});
  }
}

// Makes one transaction of both.
void add(plan::Step& whole, const plan::Step& part) {
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  whole.title += (whole.title.empty() ? "" : ", and ") + part.title;
  add_breaking(whole, part);
  append(whole.consequences, part.consequences);
  append(whole.destroys, part.destroys);
  append(whole.produces, part.produces);
  append(whole.sql, part.sql);
  append(whole.checks, part.checks);
  append(whole.helpers, part.helpers);
  whole.lock = std::max(whole.lock, part.lock);
  for (const auto& lock : part.locks) plan::add_lock(whole.locks, lock);
  whole.phase = std::max(whole.phase, part.phase);
  whole.renames = true;
}

// One step of those, which is only a part of another one, with its way back. REQUIRES: there is one.
plan::Step taken_out(plan::Steps& renames, const std::function<bool(const plan::Step&)>& its) {
  plan::Step whole, back;
  std::vector<plan::Step> parts;
  for (plan::Step& step : renames) {
    if (its(step)) parts.push_back(step);
  }
  std::erase_if(renames, its);
  for (const plan::Step& part : parts) add(whole, part);
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    for (const plan::Step& step : part->undo.steps) add(back, step);
  }
  whole.undo.steps = {std::move(back)};
  return whole;
}

void join_steps(plan::Step& swap, plan::Step rename) {
  add_breaking(swap, rename);
  join_ids(swap, rename);
  swap.renames = true;
  swap.title += ", and " + rename.title;
  swap.sql.insert(swap.sql.end(), rename.sql.begin(), rename.sql.end());
  swap.checks.insert(swap.checks.end(), rename.checks.begin(), rename.checks.end());
  swap.helpers.insert(swap.helpers.end(), rename.helpers.begin(), rename.helpers.end());
  swap.consequences.insert(swap.consequences.end(), rename.consequences.begin(), rename.consequences.end());
  swap.lock = std::max(swap.lock, rename.lock);
  for (const auto& lock : rename.locks) plan::add_lock(swap.locks, lock);
  plan::Steps back = std::move(rename.undo.steps);
  back.insert(back.end(), std::make_move_iterator(swap.undo.steps.begin()), std::make_move_iterator(swap.undo.steps.end()));
  swap.undo.steps = std::move(back);
}

// They name constraints, not columns; the rows have been asked before the swap.
void follow(plan::Step& step, const plan::Step& rename) {
  for (auto* ids : {&step.produces, &step.destroys, &step.consumes}) rename_in(*ids, rename);
  if (step.scans && step.losses.empty()) step.checks.clear();
}

}  // namespace

void join_named_swaps(const Input& input, const kinds::Context& context, plan::Steps& steps, plan::Steps& renames) {
  if (input.successions == nullptr) return;
  for (const Succession& succession : input.successions->all) {
    const auto named =
        std::find_if(succession.columns.begin(), succession.columns.end(), [](const auto& one) { return one.named; });
    if (named == succession.columns.end()) continue;
    const auto swap = std::find_if(steps.begin(), steps.end(), [&](const plan::Step& step) { return takes(step, *named); });
    if (swap == steps.end()) continue;
    const auto its = [&](const plan::Step& rename) {
      return std::any_of(succession.columns.begin(), succession.columns.end(),
                         [&](const auto& column) { return column.named && plan::names(rename.destroys, column.id); });
    };
    plan::Step names = taken_out(renames, its);
    kinds::take_names_back(succession, context, names.undo.steps.front());
    for (auto step = std::next(swap); step != steps.end(); ++step) follow(*step, names);
    join_steps(*swap, names);
  }
}

}  // namespace lockstep::planner
