#include "reconciler/beside.h"

#include <algorithm>

#include "catalog/keys.h"
#include "executor/journal.h"
#include "executor/run_record.h"
#include "kinds/registry.h"
#include "plan/plan_file.h"
#include "reconciler/said.h"
#include "support/sql_words.h"

namespace lockstep::reconciler {

using catalog::Catalog;
using catalog::Change;
using catalog::ObjectId;

namespace {

// How the statement that makes a trigger's function begins.
constexpr std::string_view kMakes = "CREATE FUNCTION lockstep.";

}  // namespace

catalog::Path whole_of(ObjectId id) {
  while (kinds::of(id).is_satellite()) id = kinds::target_of(id);
  return {id.path.begin(), id.path.begin() + std::min<std::ptrdiff_t>(2, std::ssize(id.path))};
}

std::set<catalog::Path> objects_of(const plan::Plan& plan) {
  std::set<catalog::Path> paths;
  for (const plan::Step& step : plan.steps) {
    for (const auto* ids : {&step.produces, &step.destroys}) {
      for (const ObjectId& id : *ids) paths.insert(whole_of(id));
    }
    for (const plan::Helper& helper : step.helpers) {
      if (helper.subject.size() >= 2) paths.insert({helper.subject[0], helper.subject[1]});
    }
  }
  return paths;
}

std::vector<Waiting> waiting_runs(postgres::Session& session, const std::string& closing) {
  std::vector<Waiting> list;
  for (const executor::RunRecord& run : executor::open_runs(session)) {
    if (!run.waits() || run.id == closing) continue;
    Waiting one{run.id, plan::from_json(run.plan_json), {}};
    for (const auto& [step, state] : executor::Journal(session).step_states(run.id))
      if (state.done) one.done.insert(step);
    list.insert(list.begin(), std::move(one));
  }
  return list;
}

Beside::Beside(std::vector<Waiting> runs) : runs_(std::move(runs)) {
  for (const Waiting& one : runs_) {
    Extent extent{objects_of(one.plan), {}};
    for (const plan::Step& step : one.plan.steps) {
      if (!step.renames) continue;
      for (const auto* ids : {&step.produces, &step.destroys}) {
        for (const ObjectId& id : *ids)
          if (id.path.size() == 1) extent.schemas.insert(id.path.front());
      }
    }
    extents_.push_back(std::move(extent));
  }
}

bool Beside::Extent::holds(const ObjectId& id) const {
  const catalog::Path whole = whole_of(id);
  return objects.contains(whole) || (!whole.empty() && schemas.contains(whole.front()));
}

bool Beside::holds(const ObjectId& id) const {
  return std::any_of(extents_.begin(), extents_.end(), [&](const Extent& extent) { return extent.holds(id); });
}

bool Beside::holds_or_prints(const Catalog& side, const ObjectId& id) const {
  if (holds(id)) return true;
  const auto index = side.index_of(id);
  if (!index) return false;
  const auto& edges = side.edges_from(*index);
  return std::any_of(edges.begin(), edges.end(), [&](const auto& edge) { return holds(side.at(edge.referenced).id); });
}

bool may_call(const Waiting& run, const ObjectId& function) {
  if (kinds::attribute(kinds::of(function), keys::kBody.name) == nullptr || function.path.size() < 2) return false;
  const auto is_gone = [&](const std::string& created) {
    return std::any_of(run.plan.steps.begin(), run.plan.steps.end(), [&](const plan::Step& step) {
      return run.done.contains(step.id) && std::any_of(step.helpers.begin(), step.helpers.end(), [&](const plan::Helper& helper) {
               return helper.change == plan::Helper::Change::taken && helper.names.front() == "lockstep" &&
                      created.starts_with(helper.names.back() + "(");
             });
    });
  };
  return std::any_of(run.plan.steps.begin(), run.plan.steps.end(), [&](const plan::Step& step) {
    return std::any_of(step.sql.begin(), step.sql.end(), [&](const std::string& sql) {
      return sql.starts_with(kMakes) && !is_gone(sql.substr(kMakes.size())) && support::sql_words(sql).contains(function.path[1]);
    });
  });
}

State state_beside(postgres::Session& session, const std::string& closing, const std::optional<State>& before, State now) {
  const Beside beside(waiting_runs(session, closing));
  if (!beside.empty()) now.catalog = beside.kept(now.catalog, before ? before->catalog : Catalog());
  return now;
}

catalog::Catalog Beside::kept(const Catalog& now, const Catalog& before) const {
  std::vector<catalog::Object> objects;
  for (const catalog::Object& object : now.objects())
    if (!holds(object.id)) objects.push_back(object);
  for (const catalog::Object& object : before.objects())
    if (holds(object.id) && (!object.parent || holds(*object.parent) || now.contains(*object.parent))) objects.push_back(object);
  return Catalog(std::move(objects));
}

std::vector<Beside::Disagreement> Beside::disagreements(const std::vector<Change>& changes, const Catalog& live,
                                                        const Catalog& desired,
                                                        const std::vector<planner::Rename>& renames) const {
  std::vector<Disagreement> lines;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const Waiting& one = runs_[i];
    std::set<std::string> asked;
    for (const Change& change : changes) {
      if (!extents_[i].holds(change.id)) continue;
      asked.insert(catalog::to_string(change.id));
      const Catalog& side = change.what == Change::What::removed ? live : desired;
      if (!says(one.plan, change, side)) lines.push_back({one.run, sign_of(change) + " " + catalog::to_string(change.id)});
    }
    for (const planner::Rename& rename : renames) asked.insert(catalog::to_string(rename.from));
    const std::set<std::string> left = to_come(one);
    for (const plan::ChangeNote& note : one.plan.changes) {
      if (left.contains(note.object) && !asked.contains(note.object))
        lines.push_back({one.run, note.sign + " " + note.object + ", which the files don't ask for"});
    }
  }
  return lines;
}

}  // namespace lockstep::reconciler
