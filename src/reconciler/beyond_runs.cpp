#include "reconciler/beyond_runs.h"

#include <algorithm>

#include "kinds/names/renamed.h"
#include "kinds/registry.h"
#include "reconciler/said.h"
#include "reconciler/selection.h"

namespace lockstep::reconciler {
namespace {

using catalog::Catalog;
using catalog::Change;
using catalog::Object;
using catalog::ObjectId;
using plan::ChangeNote;

// The newest run was started for these very files, so that it leads to all that they want.
bool leads_to(const Waiting& newest, const elaborator::Desired& desired) {
  return newest.plan.undoes.empty() && !selection_of(newest.plan).any() &&
         newest.plan.desired_fingerprint == desired.catalog.fingerprint();
}

struct Renames {
  std::vector<ObjectId> from, to;
};

const Object* named(const std::vector<Object>& objects, const std::string& name) {
  const auto found = std::find_if(objects.begin(), objects.end(), [&](const Object& one) { return to_string(one.id) == name; });
  return found == objects.end() ? nullptr : &*found;
}

// `before` under the names that the runs give.
Catalog renamed(const Catalog& before, const std::vector<Waiting>& runs, Renames& renames) {
  std::vector<Object> objects = before.objects();
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    for (const ChangeNote& note : run->plan.changes) {
      if (note.becomes.empty()) continue;
      const Object* object = named(objects, note.object);
      if (object == nullptr) continue;
      const ObjectId from = object->id, to = kinds::with_name(from, note.becomes);
      renames.from.push_back(from);
      renames.to.push_back(to);
      for (Object& each : objects) {
        each.id = kinds::renamed(each.id, from, to);
        if (each.parent) each.parent = kinds::renamed(*each.parent, from, to);
      }
    }
  }
  return Catalog(std::move(objects));
}

bool depends_on_renamed(const Change& change, const Catalog& desired, const Renames& renames) {
  const auto index = desired.index_of(change.id);
  if (change.what != Change::What::set || !index) return false;
  const auto is_renamed = [&](const ObjectId& id) {
    return std::any_of(renames.to.begin(), renames.to.end(), [&](const ObjectId& to) { return kinds::is_within(id, to); });
  };
  const auto& edges = desired.edges_from(*index);
  return !is_renamed(change.id) &&
         std::any_of(edges.begin(), edges.end(), [&](const auto& edge) { return is_renamed(desired.at(edge.referenced).id); });
}

bool equal(const Catalog& one, const Catalog& other, const ObjectId& id) {
  const Object *a = one.find(id), *b = other.find(id);
  if (a == nullptr || b == nullptr) return a == b;
  const auto& attributes = kinds::of(id).attributes;
  return std::all_of(attributes.begin(), attributes.end(), [&](const auto& attribute) {
    return attribute.derived || attribute.facet || a->value(attribute.name) == b->value(attribute.name);
  });
}

// What a run makes of the recorded state and the files don't ask for, as changes that take it back.
class Unasked {
 public:
  Unasked(const Waiting& run, const Catalog& applied, const elaborator::Desired& desired, const Catalog& live)
      : applied_(applied), desired_(desired), live_(live), left_(to_come(run)) {
    for (const ChangeNote& note : run.plan.changes)
      if (const auto id = id_of(run.plan, note.object)) add(note, *id);
  }
  std::vector<Change> changes;

 private:
  static std::optional<ObjectId> id_of(const plan::Plan& plan, const std::string& name) {
    for (const plan::Step& step : plan.steps)
      for (const auto* ids : {&step.produces, &step.destroys})
        for (const ObjectId& id : *ids)
          if (catalog::to_string(id) == name) return id;
    return std::nullopt;
  }

  void add(const ChangeNote& note, const ObjectId& id) {
    const bool was = applied_.contains(id), wanted = desired_.catalog.contains(id);
    if (was != wanted || note.detail.starts_with("dropped and created anew")) return;  // it is what it was
    if (note.sign == "+" && !was && manages(id) && (live_.contains(id) || left_.contains(note.object)))
      changes.push_back({Change::What::removed, id, {}});
    if (note.sign == "-" && was) changes.push_back({Change::What::added, id, {}});
    // A change that undid what somebody had done by hand isn't one of the recorded state.
    if (note.sign == "~" && was && equal(applied_, desired_.catalog, id) &&
        left_.contains(note.object) == equal(live_, desired_.catalog, id))
      changes.push_back({Change::What::set, id, {}});
  }

  bool manages(const ObjectId& id) const {
    const std::string schema = kinds::schema_of(id);
    return desired_.scope.everything || schema.empty() || desired_.scope.schemas.contains(schema);
  }

  const Catalog& applied_;
  const elaborator::Desired& desired_;
  const Catalog& live_;
  const std::set<std::string> left_;
};

}  // namespace

std::vector<Change> pending_beyond(const std::vector<Waiting>& runs, const std::optional<State>& applied,
                                   const elaborator::Desired& desired, const postgres::Snapshot& live,
                                   const elaborator::Options& options) {
  if (!runs.empty() && leads_to(runs.front(), desired)) return {};
  Renames renames;
  State before;
  if (applied) before = {renamed(applied->catalog, runs, renames), applied->scope};
  std::vector<Change> changes = applied ? pending(before, desired, live, options) : missing(desired, live, options);
  const Catalog& from = applied ? before.catalog : live.catalog;
  std::erase_if(changes, [&](const Change& change) {
    const Catalog& side = change.what == Change::What::removed ? from : desired.catalog;
    return depends_on_renamed(change, desired.catalog, renames) ||
           std::any_of(runs.begin(), runs.end(), [&](const Waiting& run) { return says(run.plan, change, side); });
  });
  if (!applied) return changes;
  for (const Waiting& run : runs) {
    for (Change& change : Unasked(run, from, desired, live.catalog).changes) {
      const auto same = [&](const Change& one) { return one.id == change.id; };
      if (std::none_of(changes.begin(), changes.end(), same)) changes.push_back(std::move(change));
    }
  }
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.id < b.id; });
  return changes;
}

}  // namespace lockstep::reconciler
