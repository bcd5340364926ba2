#include "reconciler/undone_drift.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "catalog/keys.h"
#include "executor/run_record.h"
#include "kinds/registry.h"
#include "plan/plan_file.h"
#include "reconciler/territory.h"
#include "support/sql_text.h"

namespace lockstep::reconciler {
namespace {

using catalog::Catalog;
using catalog::Change;
using catalog::ObjectId;

std::vector<plan::Plan> plans_of_open_runs(postgres::Session& session) {
  std::vector<plan::Plan> plans;
  for (const executor::RunRecord& run : executor::open_runs(session)) plans.push_back(plan::from_json(run.plan_json));
  if (const auto run = executor::unrecorded_run(session)) plans.push_back(plan::from_json(run->plan_json));
  return plans;
}

// Whether the desired state has something else than what was made of the object by hand.
bool leads_away(const Change& change, const Catalog& live, const Catalog& desired) {
  const catalog::Object* wanted = desired.find(change.id);
  if (change.what == Change::What::added) {
    const auto& attributes = kinds::of(change.id).attributes;
    return wanted == nullptr || std::any_of(attributes.begin(), attributes.end(), [&](const auto& one) {
             if (one.derived || one.facet || one.expression) return false;
             return live.find(change.id)->value(one.name) != wanted->value(one.name);
           });
  }
  if (change.what == Change::What::removed || wanted == nullptr) return wanted != nullptr;
  return std::any_of(change.attributes.begin(), change.attributes.end(), [&](const catalog::AttributeChange& one) {
    // INVALID and NOT VALID are work that isn't finished: to finish it undoes nothing.
    if (one.attribute == catalog::keys::kValid.name) return false;
    const auto* attribute = kinds::attribute(kinds::of(change.id), one.attribute);
    const catalog::Value& value = wanted->value(one.attribute);
    return value != one.to && !(attribute->facet && catalog::is_absent(value));
  });
}

std::string shown(const catalog::Value& value) {
  constexpr std::size_t kLongest = 60;
  if (catalog::is_absent(value)) return "none";
  const auto* plain = std::get_if<std::string>(&value);
  const std::string text = plain != nullptr ? *plain : catalog::to_string(value);
  return text.size() > kLongest || text.find('\n') != std::string::npos ? "…" : text;
}

std::string message_of(const Change& change) {
  const std::string name = catalog::to_string(change.id);
  std::string text = "undoes what somebody did by hand: " + name;
  if (change.what != Change::What::set)
    return text + (change.what == Change::What::added ? " was added" : " was removed") + "; `lockstep adopt` keeps it";
  text += " was changed (";
  for (std::size_t i = 0; i < change.attributes.size(); ++i) {
    const auto& one = change.attributes[i];
    text += fmt::format("{}{}: {} → {}", i == 0 ? "" : ", ", one.attribute, shown(one.from), shown(one.to));
  }
  return text + "); `lockstep adopt` keeps it";
}

std::string object_of(const ObjectId& id) {
  catalog::Path path = id.path;
  if (kinds::of(id).is_satellite()) path.pop_front();
  while (!path.empty() && path.back().empty()) path.pop_back();
  return support::join(path, ".");
}

bool touches(const plan::Step& step, const ObjectId& id) {
  const auto has = [&](const std::vector<ObjectId>& ids) { return std::find(ids.begin(), ids.end(), id) != ids.end(); };
  return has(step.produces) || has(step.destroys);
}

// The step that undoes it: the first that is about the object, or else about what it is a part of. Null: none does.
plan::Step* step_of(plan::Plan& plan, const Change& change, const Catalog& side) {
  for (const catalog::Object* at = side.find(change.id); at != nullptr; at = at->parent ? side.find(*at->parent) : nullptr) {
    for (plan::Step& step : plan.steps)
      if (touches(step, at->id)) return &step;
  }
  return nullptr;
}

}  // namespace

void mark_undone_drift(plan::Plan& plan, postgres::Session& session, const std::optional<State>& recorded,
                       const postgres::Snapshot& live, const Catalog& desired, const elaborator::Options& options) {
  if (!recorded || plan.steps.empty()) return;
  const std::vector<Change> found = drift(*recorded, live, options);
  if (found.empty()) return;
  std::vector<Territory> open;
  for (const plan::Plan& one : plans_of_open_runs(session)) open.emplace_back(one, live.catalog);
  std::set<std::pair<Change::What, ObjectId>> whole;  // with all that is in it
  for (const Change& change : found) whole.emplace(change.what, change.id);
  for (const Change& change : found) {
    const Catalog& side = change.what == Change::What::removed ? recorded->catalog : live.catalog;
    const catalog::Object* object = side.find(change.id);
    if (object == nullptr || !leads_away(change, live.catalog, desired)) continue;
    if (change.what != Change::What::set && object->parent && whole.contains({change.what, *object->parent})) continue;
    if (std::any_of(open.begin(), open.end(), [&](const Territory& own) { return own.holds(change.id); })) continue;
    plan::Step* step = step_of(plan, change, side);
    if (step != nullptr) step->consequences.push_back({"drift", object_of(change.id), message_of(change)});
  }
}

}  // namespace lockstep::reconciler
