#include "reconciler/cut.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "kinds/registry.h"
#include "reconciler/chosen.h"
#include "reconciler/closure.h"
#include "reconciler/comparer.h"
#include "reconciler/renames.h"

namespace lockstep::reconciler {

using catalog::Catalog;
using catalog::Change;
using catalog::Edge;
using catalog::Object;
using catalog::ObjectId;

namespace {

constexpr std::size_t kNamed = 8;  // so many are named in a note

// What nobody stated must not become stated.
Object without_facets(Object object) {
  for (const auto& attribute : kinds::of(object.id).attributes)
    if (attribute.facet) object.set(attribute.name, {});
  return object;
}

// A desired catalog with live's objects for what is left out.
class Mixing {
 public:
  Mixing(const Catalog& live, const std::map<ObjectId, const Change*>& left_out) : live_(live), left_out_(left_out) {}

  Catalog mix(const Catalog& wanted) const {
    std::vector<Object> objects;
    for (const Object& object : wanted.objects()) {
      const auto left = left_out_.find(object.id);
      if (left == left_out_.end()) {
        objects.push_back(object);
      } else if (left->second->what == Change::What::set) {
        objects.push_back(object);
        for (const auto& item : left->second->attributes) objects.back().set(item.attribute, item.from);
      }
    }
    for (const auto& [id, change] : left_out_)
      if (change->what == Change::What::removed && !wanted.contains(id)) objects.push_back(without_facets(*live_.find(id)));
    return joined(std::move(objects), {&wanted});
  }

  // With what live's objects need and `mixed` lacks.
  Catalog with_needs(const Catalog& mixed) const {
    std::set<ObjectId> missing;
    for (const auto& [id, change] : left_out_) {
      const auto there = live_.index_of(id);
      if (!there || !mixed.contains(id)) continue;
      for (const Edge& edge : live_.edges_from(*there))
        if (!mixed.contains(live_.at(edge.referenced).id)) missing.insert(live_.at(edge.referenced).id);
    }
    if (missing.empty()) return mixed;
    const Catalog needs = self_contained(live_, missing);
    std::vector<Object> objects = mixed.objects();
    for (const Object& object : needs.objects())
      if (!mixed.contains(object.id)) objects.push_back(object);
    return joined(std::move(objects), {&mixed, &needs});
  }

 private:
  // Of an object that is live's, live's edges; of any other one those of the catalog that it is from.
  Catalog joined(std::vector<Object> objects, const std::vector<const Catalog*>& from) const {
    std::unordered_map<ObjectId, catalog::Index, catalog::ObjectIdHash> places;
    for (const Object& object : objects) places.emplace(object.id, static_cast<catalog::Index>(places.size()));
    std::set<Edge> edges;
    const auto add = [&](const Catalog& side, const ObjectId& id) {
      const auto index = side.index_of(id);
      if (!index) return false;
      for (const Edge& edge : side.edges_from(*index)) {
        const auto to = places.find(side.at(edge.referenced).id);
        if (to != places.end()) edges.insert({places.at(id), to->second, edge.automatic});
      }
      return true;
    };
    for (const Object& object : objects) {
      if (left_out_.contains(object.id) && add(live_, object.id)) continue;
      for (const Catalog* side : from)
        if (add(*side, object.id)) break;
    }
    return Catalog(std::move(objects), {edges.begin(), edges.end()});
  }

  const Catalog& live_;
  const std::map<ObjectId, const Change*>& left_out_;
};

void forget_gone(std::map<ObjectId, std::string>& reasons, const Catalog& whole) {
  std::erase_if(reasons, [&](const auto& item) { return !whole.contains(item.first); });
}

// Those that are no part of another one in the list.
std::vector<ObjectId> outermost(const std::map<ObjectId, const Change*>& changes, const Catalog& live, const Catalog& desired) {
  std::vector<ObjectId> ids;
  for (const auto& [id, change] : changes) {
    const Catalog& side = change->what == Change::What::added ? desired : live;
    const auto parent = side.parent(*side.index_of(id));
    if (!parent || !changes.contains(side.at(*parent).id)) ids.push_back(id);
  }
  return ids;
}

std::vector<std::string> notes_of(const Cut& cut, const Selection& selection, const plan::Plan& plan) {
  std::vector<std::string> notes{"a part of the changes: " + flags_of(selection)};
  for (const auto& [id, by] : cut.also) {
    const std::string name = catalog::to_string(id);
    const bool shown =
        std::any_of(plan.changes.begin(), plan.changes.end(), [&](const plan::ChangeNote& one) { return one.object == name; });
    if (shown) notes.push_back(fmt::format("also: {}, which {} needs", name, catalog::to_string(by)));
  }
  if (cut.left_out.empty()) {
    notes.emplace_back("left out: nothing; live differs from the files in nothing else");
    return notes;
  }
  std::vector<std::string> names;
  for (const ObjectId& id : cut.left_out)
    if (names.size() < kNamed) names.push_back(catalog::to_string(id));
  std::string text = fmt::format("left out: {}", fmt::join(names, ", "));
  if (cut.left_out.size() > kNamed) text += fmt::format(" and {} more", cut.left_out.size() - kNamed);
  notes.push_back(std::move(text));
  return notes;
}

}  // namespace

Cut cut(const Selection& selection, const parser::Declared& declared, const elaborator::Desired& desired,
        const postgres::Snapshot& live, const Beside& beside) {
  const Comparer comparer(desired.scope, desired.catalog);
  const std::vector<Change> changes = comparer.changes(live.catalog);
  support::Diagnostics told_later;  // of the intents that remain
  std::vector<planner::Rename> renames = declared_renames(declared, live.catalog, desired, told_later);
  for (planner::Rename& alike : equal_renames(changes, live.catalog, desired.catalog, comparer))
    renames.push_back(std::move(alike));
  const Chosen chosen = choose(selection, changes, live.catalog, desired.catalog, renames);
  std::map<ObjectId, const Change*> left_out;
  for (const Change& change : changes)
    if (!chosen.ids.contains(change.id) && !beside.holds(change.id)) left_out.emplace(change.id, &change);

  Cut result{.desired = desired, .declared = declared, .also = chosen.also, .left_out = {}};
  const Mixing mixing(live.catalog, left_out);
  result.desired.catalog = mixing.mix(desired.catalog);
  const Catalog whole = mixing.with_needs(mixing.mix(desired.whole()));
  result.desired.with_external_objects.reset();
  if (whole.objects().size() > result.desired.catalog.objects().size()) result.desired.with_external_objects = whole;
  forget_gone(result.desired.untried, whole);
  forget_gone(result.desired.stood_in, whole);
  std::erase_if(result.declared.intents, [&](const auto& item) {
    const auto left = left_out.find(item.first);
    return left != left_out.end() || (desired.catalog.contains(item.first) && !result.desired.catalog.contains(item.first));
  });
  result.left_out = outermost(left_out, live.catalog, desired.catalog);
  return result;
}

void note_part(plan::Plan& plan, const Cut& part, const Selection& selection, const std::string& whole) {
  plan.desired_fingerprint = digest_of_part(whole, selection);
  for (std::string& note : notes_of(part, selection, plan)) plan.notes.push_back(std::move(note));
  write_selection(plan, selection);
}

}  // namespace lockstep::reconciler
