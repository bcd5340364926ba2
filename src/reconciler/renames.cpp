// Decides which names change, and what an object was called before.
#include "reconciler/renames.h"

#include <algorithm>

#include "elaborator/desired.h"
#include "kinds/registry.h"
#include "reconciler/comparer.h"

namespace lockstep::reconciler {

using catalog::Catalog;
using catalog::Change;
using catalog::Object;
using catalog::ObjectId;
using planner::Rename;

std::vector<Rename> declared_renames(const parser::Declared& declared, const Catalog& live, const elaborator::Desired& desired,
                                     support::Diagnostics& diagnostics) {
  std::vector<const std::pair<const ObjectId, catalog::Intent>*> intents;
  for (const auto& item : declared.intents) {
    if (!item.second.renamed_from.empty()) intents.push_back(&item);
  }
  std::stable_sort(intents.begin(), intents.end(),
                   [](const auto* a, const auto* b) { return a->first.path.size() < b->first.path.size(); });
  std::vector<Rename> renames;
  for (const auto* item : intents) {
    const ObjectId& id = item->first;
    const ObjectId before = planner::name_before(id, renames);
    if (live.contains(before)) continue;  // already renamed: the intent has no effect
    const Object* wanted = desired.catalog.find(id);
    const bool parent_exists =
        wanted == nullptr || !wanted->parent || live.contains(planner::name_before(*wanted->parent, renames));
    if (!parent_exists) continue;  // the whole parent is new: there is nothing to rename
    bool found = false;
    for (const auto& name : item->second.renamed_from) {
      ObjectId old = before, from = id;
      old.path.back() = name;
      from.path.back() = name;
      if (!live.contains(old)) continue;
      renames.push_back({from, id});
      found = true;
      break;
    }
    if (!found && !live.objects().empty()) {
      diagnostics.error(
          "LS0303",
          catalog::to_string(id) + ": neither this name nor " + item->second.renamed_from.front() + " exists in the database",
          item->second.span, "remove `renamed from` if the object is new");
    }
  }
  return renames;
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
