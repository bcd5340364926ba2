// Decides which names change, and what an object was called before.
#include "reconciler/renames.h"

#include <algorithm>
#include <set>
#include <utility>

#include "elaborator/desired.h"
#include "kinds/names/renamed.h"
#include "kinds/registry.h"
#include "reconciler/comparer.h"

namespace lockstep::reconciler {

using catalog::Catalog;
using catalog::Change;
using catalog::Object;
using catalog::ObjectId;
using planner::Rename;

namespace {

class Finder {
 public:
  Finder(const Catalog& live, const elaborator::Desired& desired) : live_(live), desired_(desired) {}

  // False: there is nothing to rename (yet).
  bool take(const ObjectId& id, const catalog::Intent& intent) {
    const ObjectId before = planner::name_before(id, renames_);
    if ((live_.contains(before) && !freed_.contains(before)) || !parent_exists(id)) return false;
    for (const auto& name : intent.renamed_from) {
      const ObjectId old = kinds::with_name(before, name);
      if (!live_.contains(old) || freed_.contains(old)) continue;
      renames_.push_back({kinds::with_name(id, name), id});
      freed_.insert(old);
      return true;
    }
    return false;
  }

  // Neither name is there: an error if the database has something that could be meant, since the plan would drop it.
  void require_known(const ObjectId& id, const catalog::Intent& intent, support::Diagnostics& diagnostics) const {
    const ObjectId before = planner::name_before(id, renames_);
    if (live_.contains(before) || !parent_exists(id) || !may_be_another(before)) return;
    diagnostics.error(
        "LS0303", catalog::to_string(id) + ": neither this name nor " + intent.renamed_from.front() + " exists in the database",
        intent.span, "remove `renamed from` if the object is new");
  }

  // The new name is there already, beside the old one that nobody wants: a rename that can't be made any more.
  void warn_of_both(const ObjectId& id, const catalog::Intent& intent, support::Diagnostics& diagnostics) const {
    const ObjectId before = planner::name_before(id, renames_);
    if (!live_.contains(before) || freed_.contains(before)) return;
    for (const auto& name : intent.renamed_from) {
      const ObjectId old = kinds::with_name(before, name);
      if (!live_.contains(old) || freed_.contains(old) || desired_.catalog.contains(planner::name_after(old, renames_))) continue;
      diagnostics.warning("LS0309",
                          catalog::to_string(id) + " exists in the database already: `renamed from " + name +
                              "` renames nothing, and " + catalog::to_string(old) + " is dropped",
                          intent.span, "remove `renamed from`, or give the one that exists another name first");
    }
  }

  std::vector<Rename> renames() { return std::move(renames_); }

 private:
  // If the whole parent is new, there is nothing to rename.
  bool parent_exists(const ObjectId& id) const {
    const Object* wanted = desired_.catalog.find(id);
    return wanted == nullptr || !wanted->parent || live_.contains(planner::name_before(*wanted->parent, renames_));
  }

  // Whether an object beside it, of the same kind, is wanted no longer.
  bool may_be_another(const ObjectId& before) const {
    return std::any_of(live_.objects().begin(), live_.objects().end(), [&](const Object& object) {
      const auto &path = object.id.path, &own = before.path;
      const bool beside =
          object.id.is(*before.kind) && path.size() == own.size() && std::equal(own.begin(), own.end() - 1, path.begin());
      return beside && !freed_.contains(object.id) && !desired_.catalog.contains(planner::name_after(object.id, renames_));
    });
  }

  const Catalog& live_;
  const elaborator::Desired& desired_;
  std::vector<Rename> renames_;
  std::set<ObjectId> freed_;  // names in the database that a rename gives up
};

}  // namespace

std::vector<Rename> declared_renames(const parser::Declared& declared, const Catalog& live, const elaborator::Desired& desired,
                                     support::Diagnostics& diagnostics) {
  std::vector<const std::pair<const ObjectId, catalog::Intent>*> intents;
  for (const auto& item : declared.intents) {
    if (!item.second.renamed_from.empty()) intents.push_back(&item);
  }
  std::stable_sort(intents.begin(), intents.end(),
                   [](const auto* a, const auto* b) { return a->first.path.size() < b->first.path.size(); });
  Finder finder(live, desired);
  bool more = true;
  while (more) {  // a rename may free the name that another one takes
    more = false;
    for (auto item = intents.begin(); item != intents.end();) {
      const bool found = finder.take((*item)->first, (*item)->second);
      item = found ? intents.erase(item) : item + 1;
      more = more || found;
    }
  }
  for (const auto* item : intents) {
    finder.require_known(item->first, item->second, diagnostics);
    finder.warn_of_both(item->first, item->second, diagnostics);
  }
  return finder.renames();
}

std::vector<Rename> equal_renames(const std::vector<Change>& changes, const Catalog& live, const Catalog& desired,
                                  const Comparer& comparer) {
  std::vector<Rename> renames;
  std::vector<const Object*> added;
  for (const Change& change : changes) {
    if (change.what == Change::What::added && kinds::of(change.id).renamed_when_alike) added.push_back(desired.find(change.id));
  }
  const auto alike = [&](const Object& from, const Object& to) {
    if (!(from.id.kind->name == to.id.kind->name) || !(from.parent == to.parent)) return false;
    const auto& attributes = kinds::of(from.id).attributes;
    return std::all_of(attributes.begin(), attributes.end(),
                       [&](const auto& item) { return comparer.same(from, to, item.name); });
  };
  for (const Change& change : changes) {
    if (change.what != Change::What::removed || !kinds::of(change.id).renamed_when_alike) continue;
    const Object& old = *live.find(change.id);
    const auto found = std::find_if(added.begin(), added.end(), [&](const Object* object) { return alike(old, *object); });
    if (found == added.end()) continue;
    renames.push_back({old.id, (*found)->id});
    added.erase(found);
  }
  return renames;
}

}  // namespace lockstep::reconciler
