#include "fleet/hand_renames.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "kinds/names/renamed.h"
#include "kinds/registry.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::fleet {
namespace {

using catalog::Catalog;
using catalog::Change;
using catalog::Object;
using catalog::ObjectId;

class Finder {
 public:
  Finder(const std::vector<Change>& changes, const reconciler::State& recorded, const postgres::Snapshot& live)
      : recorded_(of_this_database(recorded, live)), live_(live) {
    for (const Change& change : changes) {
      if (change.what == Change::What::added) added_.insert(change.id);
      if (change.what == Change::What::removed && kinds::of(change.id).rename != nullptr) removed_.push_back(change.id);
    }
    std::stable_sort(removed_.begin(), removed_.end(),
                     [](const ObjectId& a, const ObjectId& b) { return a.path.size() < b.path.size(); });
  }

  FoundRenames run() {
    for (const ObjectId& id : removed_) look_for(id);
    for (const auto& [id, address] : recorded_.addresses) look_behind(id, address);
    for (const auto& [id, now] : unknown_) note_unknown(id, now);
    return std::move(found_);
  }

 private:
  void look_for(const ObjectId& id) {
    const ObjectId former = after(id, found_.renames);
    if (live_.catalog.contains(former)) return;  // it has gone along with what it belongs to
    const auto recorded = recorded_.addresses.find(id);
    if (recorded == recorded_.addresses.end()) return static_cast<void>(unknown_.emplace_back(id, former));
    const auto there = live_.addresses.find(recorded->second);
    if (there == live_.addresses.end()) return;  // it is gone
    const ObjectId& now = there->second;
    if (!now.is(*id.kind)) return;  // the number was given to something else
    const bool renamed = kinds::with_name(former, kinds::bare_name(now)) == now && same_place(id, now);
    if (renamed && added_.contains(now) && !taken_.contains(now)) {
      found_.renames.push_back({former, now});
      taken_.insert(now);
      return;
    }
    note_known(id, now);
  }

  // Its name was given to another one, so it isn't missing; or it has that of another one.
  void look_behind(const ObjectId& id, const postgres::Address& address) {
    const auto there = live_.addresses.find(address);
    if (there == live_.addresses.end() || !there->second.is(*id.kind) || kinds::of(id).rename == nullptr) return;
    const ObjectId& now = there->second;
    if (taken_.contains(now) || after(id, found_.renames) == now) return;
    if (added_.contains(now) || recorded_.addresses.contains(now)) note_known(id, now);
  }

  void note_known(const ObjectId& id, const ObjectId& now) {
    if (!noted_.insert(id).second || kinds::of(id).renamed_when_alike) return;
    const Object* was = recorded_.catalog.find(id);
    if (was != nullptr && was->parent && noted_.contains(*was->parent)) return;
    const std::string others =
        recorded_.addresses.contains(now)
            ? "which was the name of another object. The files can't say that, and other environments will not follow"
            : fmt::format("and the files can't say that: other environments will drop the one and add the other{}", loss(id));
    found_.possible_renames.push_back(
        fmt::format("{} is now called {} in the database, {}. Rename it by hand there too, before you "
                    "apply these files",
                    shown(id), shown(now), others));
  }

  static const char* loss(const ObjectId& id) {
    return kinds::of(id).holds == kinds::Holds::nothing ? "" : ", without its values";
  }

  // It still belongs to what it belonged to.
  bool same_place(const ObjectId& id, const ObjectId& now) const {
    const Object *was = recorded_.catalog.find(id), *is = live_.catalog.find(now);
    if (was == nullptr || is == nullptr) return false;
    if (!was->parent || !is->parent) return true;
    const auto parent = recorded_.addresses.find(*was->parent);
    if (parent == recorded_.addresses.end()) return true;
    const auto there = live_.addresses.find(parent->second);
    return there != live_.addresses.end() && there->second == *is->parent;
  }

  // In a database that was restored from a dump, the record came along with the OIDs of the other one.
  static reconciler::State of_this_database(reconciler::State recorded, const postgres::Snapshot& live) {
    std::size_t here = 0, elsewhere = 0;
    for (const auto& [address, id] : live.addresses) {
      const auto known = recorded.addresses.find(id);
      if (known != recorded.addresses.end()) ++(known->second == address ? here : elsewhere);
    }
    if (elsewhere > here) recorded.addresses.clear();
    return recorded;
  }

  void note_unknown(const ObjectId& id, const ObjectId& former) {
    if (kinds::of(id).renamed_when_alike) return;  // the plan renames it by itself, or builds it anew without losing a row
    std::vector<std::string> names;
    for (const ObjectId& now : added_) {
      const bool beside = now.is(*id.kind) && now.path.size() == former.path.size() && !taken_.contains(now) &&
                          kinds::with_name(former, kinds::bare_name(now)) == now;
      if (beside) names.push_back(kinds::bare_name(now));
    }
    if (names.empty()) return;
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : " or ") + support::visible(name);
    found_.possible_renames.push_back(fmt::format(
        "{0} is gone and {1} is new beside it. Whether it was renamed isn't recorded: other environments will drop the one and "
        "add the other{3}. If it was renamed, write `renamed from {2}` into the declaration of {1}",
        shown(id), list, support::visible(support::quote_identifier(kinds::bare_name(id))), loss(id)));
  }

  static std::string shown(const ObjectId& id) { return support::visible(catalog::to_string(id)); }

  const reconciler::State recorded_;
  const postgres::Snapshot& live_;
  std::set<ObjectId> added_, taken_, noted_;
  std::vector<ObjectId> removed_;
  std::vector<std::pair<ObjectId, ObjectId>> unknown_;
  FoundRenames found_;
};

// The attributes that the files state otherwise than live has them.
std::vector<catalog::AttributeChange> differences(const Object& from, const Object& to) {
  std::vector<catalog::AttributeChange> list;
  for (const auto& attribute : kinds::of(to.id).attributes) {
    const catalog::Value &old = from.value(attribute.name), &now = to.value(attribute.name);
    if (attribute.derived || old == now || (attribute.facet && catalog::is_absent(old))) continue;
    list.push_back({attribute.name, old, now});
  }
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.attribute < b.attribute; });
  return list;
}

}  // namespace

FoundRenames find_hand_renames(const std::vector<Change>& changes, const reconciler::State& recorded,
                               const postgres::Snapshot& live) {
  return Finder(changes, recorded, live).run();
}

ObjectId after(ObjectId id, const HandRenames& renames) {
  for (const planner::Rename& rename : renames) id = kinds::renamed(id, rename.from, rename.to);
  return id;
}

ObjectId before(ObjectId id, const HandRenames& renames) {
  for (auto rename = renames.rbegin(); rename != renames.rend(); ++rename) id = kinds::renamed(id, rename->to, rename->from);
  return id;
}

elaborator::Desired after(const elaborator::Desired& desired, const HandRenames& renames) {
  elaborator::Desired moved = desired;
  std::vector<Object> objects = desired.catalog.objects();
  for (Object& object : objects) {
    object.id = after(object.id, renames);
    if (object.parent) object.parent = after(*object.parent, renames);
  }
  moved.catalog = Catalog(std::move(objects));
  moved.places.clear();
  for (const auto& [id, place] : desired.places) moved.places.emplace(after(id, renames), place);
  return moved;
}

std::vector<Change> after(const std::vector<Change>& changes, const HandRenames& renames, const Catalog& desired,
                          const Catalog& live) {
  std::set<ObjectId> added;
  for (const Change& change : changes)
    if (change.what == Change::What::added) added.insert(change.id);
  std::vector<Change> left;
  std::set<ObjectId> paired;
  for (const Change& change : changes) {
    if (change.what != Change::What::removed) continue;
    const ObjectId now = after(change.id, renames);
    if (now == change.id) continue;
    if (!added.contains(now)) {
      left.push_back({Change::What::removed, now, {}});
      continue;
    }
    paired.insert(now);
    auto attributes = differences(*desired.find(change.id), *live.find(now));
    const bool itself =
        std::any_of(renames.begin(), renames.end(), [&](const planner::Rename& rename) { return rename.to == now; });
    if (itself || !attributes.empty()) left.push_back({Change::What::set, now, std::move(attributes)});
  }
  for (const Change& change : changes) {
    if (change.what == Change::What::removed && !(after(change.id, renames) == change.id)) continue;
    if (change.what == Change::What::added && paired.contains(change.id)) continue;
    left.push_back(change);
  }
  std::sort(left.begin(), left.end(), [](const Change& a, const Change& b) { return a.id < b.id; });
  return left;
}

}  // namespace lockstep::fleet
