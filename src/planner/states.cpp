#include "planner/states.h"

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/constraints/displaced.h"
#include "kinds/inheritance/columns_between.h"
#include "kinds/registry.h"
#include "recipes/descendants.h"
#include "recipes/transitional.h"

namespace lockstep::planner {

using catalog::Catalog;
using catalog::Change;
using catalog::Index;
using catalog::Object;
using catalog::ObjectId;

namespace {

class Transitions {
 public:
  Transitions(const Input& input, const Disposition& disposition, const std::vector<Draft>& drafts, const Folded& folded)
      : input_(input), disposition_(disposition), drafts_(drafts), step_of_(folded.step_of), result_(folded.steps.size()) {
    for (std::size_t node = 0; node < drafts.size(); ++node) {
      nodes_[drafts[node].object].push_back(node);
      for (const auto* ids : {&drafts[node].along, &drafts[node].step.produces}) {
        for (const ObjectId& id : *ids) producers_[id].push_back(node);
      }
      for (const ObjectId& id : drafts[node].step.destroys) destroyers_[id].push_back(node);
    }
  }

  std::vector<Transition> run() {
    if (result_.empty()) return {};
    for (const ObjectId& id : disposition_.destroyed) result_[dropped_in(id)][id] = std::nullopt;
    for (const ObjectId& id : disposition_.created) create(id);
    for (const auto& [id, change] : disposition_.altered) alter(*change);
    follow_columns();
    return std::move(result_);
  }

 private:
  std::optional<std::size_t> last_step(const std::vector<std::size_t>& nodes) const {
    std::optional<std::size_t> last;
    for (const std::size_t node : nodes) last = std::max(last.value_or(0), step_of_[node]);
    return last;
  }
  const std::vector<std::size_t>& at(const std::map<ObjectId, std::vector<std::size_t>>& map, const ObjectId& id) const {
    static const std::vector<std::size_t> kNone;
    const auto found = map.find(id);
    return found == map.end() ? kNone : found->second;
  }

  // The last step that says so: a column is hidden first. What has no step goes with its parent, or with what it is owned by.
  std::size_t dropped_in(const ObjectId& id) const {
    if (const auto last = last_step(at(destroyers_, id))) return *last;
    const auto index = *input_.from.index_of(id);
    const Object& object = input_.from.at(index);
    if (object.parent && disposition_.destroyed.contains(*object.parent)) return dropped_in(*object.parent);
    for (const auto& edge : input_.from.edges_from(index)) {
      const ObjectId& owner = input_.from.at(edge.referenced).id;
      if (edge.automatic && disposition_.destroyed.contains(owner)) return dropped_in(owner);
    }
    for (const ObjectId& above : recipes::columns_above(input_.from, id)) {
      if (disposition_.destroyed.contains(above)) return dropped_in(above);
    }
    return last_step(at(nodes_, id)).value_or(result_.size() - 1);
  }

  // The step by which an index that was being built becomes the declared object.
  std::optional<std::size_t> finished_in(const ObjectId& id) const {
    std::optional<std::size_t> last;
    for (const std::size_t node : at(nodes_, id)) {
      const auto& helpers = drafts_[node].step.helpers;
      const bool becomes =
          std::any_of(helpers.begin(), helpers.end(), [&](const plan::Helper& helper) { return recipes::becomes(helper, id); });
      if (becomes && drafts_[node].does != Draft::Does::drop) last = step_of_[node];
    }
    return last;
  }

  std::size_t created_in(const ObjectId& id) const {
    if (const auto last = finished_in(id)) return *last;
    for (const std::size_t node : at(nodes_, id)) {
      if (drafts_[node].does == Draft::Does::create && plan::names(drafts_[node].step.produces, id)) return step_of_[node];
    }
    if (const auto last = last_step(at(producers_, id))) return *last;
    const Object& object = *input_.to.find(id);
    if (object.parent && disposition_.created.contains(*object.parent)) return created_in(*object.parent);
    for (const ObjectId& above : recipes::columns_above(input_.to, id)) {
      if (disposition_.created.contains(above)) return created_in(above);
    }
    return last_step(at(nodes_, id)).value_or(result_.size() - 1);
  }

  // What a later step of its chain sets (the column that owns a sequence) is not set before.
  void create(const ObjectId& id) {
    const std::size_t first = created_in(id);
    Object object = *input_.to.find(id);
    for (const std::size_t node : at(nodes_, id)) {
      if (step_of_[node] <= first || drafts_[node].does != Draft::Does::create || drafts_[node].step.alters.empty()) continue;
      result_[step_of_[node]][id] = object;
      for (const auto& attribute : drafts_[node].step.alters) object.set(attribute, {});
    }
    result_[first][id] = std::move(object);
  }

  void alter(const Change& change) {
    std::map<std::size_t, std::vector<std::string_view>> by_step;
    for (const auto& item : change.attributes) by_step[altered_in(change.id, item.attribute)].push_back(item.attribute);
    Object object = *input_.from.find(change.id);
    for (const auto& [step, attributes] : by_step) {
      for (const auto& item : change.attributes) {
        if (std::find(attributes.begin(), attributes.end(), item.attribute) != attributes.end())
          object.set(item.attribute, item.to);
      }
      if (step == by_step.rbegin()->first) take_derived(object);
      result_[step][change.id] = object;
    }
    // Its recipe drops it and creates it again.
    const auto gone = last_step(at(destroyers_, change.id));
    const auto back = gone ? finished_in(change.id) : std::nullopt;
    if (!gone || !back || *gone >= *back) return;
    for (auto& [step, attributes] : by_step) result_[step].erase(change.id);
    for_subtree(input_.from, *input_.from.index_of(change.id), [&](Index part) {
      const Object& each = input_.from.at(part);
      result_[*gone][each.id] = std::nullopt;
      result_[*back].try_emplace(each.id, each.id == change.id ? object : each);
    });
  }

  void take_derived(Object& object) const {
    const Object& after = *input_.to.find(object.id);
    for (const auto& attribute : kinds::of(object.id).attributes) {
      if (attribute.derived) object.set(attribute.name, after.value(attribute.name));
    }
  }

  // The last step that says so; else the last of those that alter the object. What has none changes along with another one.
  std::size_t altered_in(const ObjectId& id, std::string_view attribute) const {
    std::optional<std::size_t> last, named;
    for (const std::size_t node : at(producers_, id)) {
      const auto& alters = drafts_[node].step.alters;
      if (std::find(alters.begin(), alters.end(), attribute) != alters.end()) named = std::max(named.value_or(0), step_of_[node]);
      if (alters.empty()) last = std::max(last.value_or(0), step_of_[node]);
    }
    for (const std::size_t node : at(nodes_, id)) {  // it may name the object in none of its lists (row security)
      const auto& alters = drafts_[node].step.alters;
      if (std::find(alters.begin(), alters.end(), attribute) != alters.end()) named = std::max(named.value_or(0), step_of_[node]);
    }
    if (named) return *named;
    if (last) return *last;
    if (const auto any = last_step(at(nodes_, id))) return *any;
    for (const ObjectId& above : recipes::columns_above(input_.from, id)) {
      if (disposition_.altered.contains(above)) return altered_in(above, attribute);
    }
    const auto index = input_.from.index_of(id);
    for (const auto& edge : input_.from.edges_from(*index)) {
      const auto with = disposition_.altered.find(input_.from.at(edge.referenced).id);
      if (with != disposition_.altered.end() && with->first != id) return altered_in(with->first, attribute);
    }
    // A column whose table gets or leaves its parents: others of its chain may follow (a detached partition's check goes).
    const auto& whole = input_.from.at(*index).parent;
    if (whole && disposition_.altered.contains(*whole)) {
      if (const auto with = last_step(at(producers_, *whole))) return *with;
    }
    return result_.size() - 1;
  }

  // What a column has of its own and what it inherits stand in several objects, and move from one to the other between the steps.
  void follow_columns() {
    std::set<ObjectId> touched(disposition_.created);
    touched.insert(disposition_.destroyed.begin(), disposition_.destroyed.end());
    for (const auto& [id, change] : disposition_.altered) touched.insert(id);
    const kinds::Moments moments{
        .set = [this](const auto& ids, std::string_view attribute) { return set_in(ids, attribute); },
        .changed = [this](const auto& id, std::string_view attribute) { return changed_in(id, attribute); }};
    for (auto& [id, entries] : kinds::columns_between(touched, input_.from, input_.to, moments)) {
      if (is_gone_between(id)) continue;
      for (Transition& step : result_) step.erase(id);
      for (auto& [step, object] : entries) result_[step][id] = std::move(object);
    }
  }

  // Something else makes it go for the time being (a function that its default calls is recreated).
  bool is_gone_between(const ObjectId& id) const {
    return disposition_.destroyed.contains(id) && disposition_.created.contains(id) && dropped_in(id) != created_in(id);
  }

  std::optional<std::size_t> set_in(const std::set<ObjectId>& ids, std::string_view attribute) const {
    std::optional<std::size_t> last;
    for (const auto* nodes : {&nodes_, &producers_}) {
      for (const ObjectId& id : ids) {
        for (const std::size_t node : at(*nodes, id)) {
          const auto& alters = drafts_[node].step.alters;
          if (std::find(alters.begin(), alters.end(), attribute) != alters.end())
            last = std::max(last.value_or(0), step_of_[node]);
        }
      }
    }
    return last;
  }

  std::optional<std::size_t> changed_in(const ObjectId& id, std::string_view attribute) const {
    if (disposition_.created.contains(id)) return created_in(id);
    if (disposition_.destroyed.contains(id)) return dropped_in(id);
    const auto altered = disposition_.altered.find(id);
    if (altered == disposition_.altered.end()) return std::nullopt;
    const auto& changes = altered->second->attributes;
    const bool changes_it =
        std::any_of(changes.begin(), changes.end(), [&](const auto& item) { return item.attribute == attribute; });
    return changes_it ? std::optional(altered_in(id, attribute)) : std::nullopt;
  }

  const Input& input_;
  const Disposition& disposition_;
  const std::vector<Draft>& drafts_;
  const std::vector<std::size_t>& step_of_;
  std::map<ObjectId, std::vector<std::size_t>> nodes_, producers_, destroyers_;
  std::vector<Transition> result_;
};

}  // namespace

std::vector<Transition> transitions(const Input& input, const Disposition& disposition, const std::vector<Draft>& drafts,
                                    const Folded& folded) {
  return Transitions(input, disposition, drafts, folded).run();
}

const Object* States::now(const ObjectId& id) const {
  const auto changed = changed_.find(id);
  if (changed != changed_.end()) return changed->second ? &*changed->second : nullptr;
  return input_.from.find(id);
}

std::vector<ObjectId> States::used_by(const ObjectId& id) const {
  std::vector<ObjectId> used;
  for (const Catalog* side : {&input_.from, &input_.to}) {
    const auto index = side->index_of(id);
    if (!index) continue;
    for (const auto& edge : side->edges_from(*index)) used.push_back(side->at(edge.referenced).id);
  }
  return used;
}

std::vector<ObjectId> States::users_of(const ObjectId& id) const {
  std::vector<ObjectId> users;
  for (const Catalog* side : {&input_.from, &input_.to}) {
    const auto index = side->index_of(id);
    if (!index) continue;
    for (const auto& edge : side->edges_to(*index)) users.push_back(side->at(edge.dependent).id);
  }
  return users;
}

// The object and what is below it, on both sides.
std::set<ObjectId> States::parts_of(const ObjectId& id) const {
  std::set<ObjectId> parts{id};
  for (const Catalog* side : {&input_.from, &input_.to}) {
    const auto index = side->index_of(id);
    if (!index || !side->at(*index).parent) continue;  // not all of a schema
    for_subtree(*side, *index, [&](Index part) { parts.insert(side->at(part).id); });
  }
  return parts;
}

// The object's root and all its parts, on both sides.
void States::add_whole(const ObjectId& id, std::set<ObjectId>& ids, Roots& seen) const {
  for (const Catalog* side : {&input_.from, &input_.to}) {
    const auto index = side->index_of(id);
    if (!index || !seen.insert({side, side->root(*index)}).second) continue;
    const Object& root = side->at(side->root(*index));
    const bool of_a_schema = root.parent.has_value();  // else it is a schema, without what is in it
    ids.insert(of_a_schema ? *root.parent : root.id);
    if (!of_a_schema) continue;
    for_subtree(*side, side->root(*index), [&](Index part) { ids.insert(side->at(part).id); });
  }
}

// Whole objects: those that change, all that depends on what changes, and what these need.
std::set<ObjectId> States::neighbourhood(const Transition& step) const {
  std::vector<ObjectId> open;
  std::set<ObjectId> dependents;
  for (const auto& [id, object] : step) {
    open.push_back(id);
    dependents.insert(id);
    for (const Catalog* side : {&input_.from, &input_.to}) {  // tables that inherit from it
      if (const auto index = side->index_of(id)) open.push_back(root_of(*side, id));
    }
  }
  while (!open.empty()) {
    const ObjectId id = open.back();
    open.pop_back();
    for (const ObjectId& part : parts_of(id)) {  // a view is used through its columns
      for (const ObjectId& user : users_of(part)) {
        if (dependents.insert(user).second) open.push_back(user);
      }
    }
  }
  for (const auto& [id, object] : step) {  // tables beside a partition
    for (const ObjectId& parent : used_by(id)) {
      if (kinds::of(id).holds != kinds::Holds::rows || kinds::of(parent).holds != kinds::Holds::rows) continue;
      for (const ObjectId& other : users_of(parent)) {
        if (kinds::of(other).holds == kinds::Holds::rows) dependents.insert(other);
      }
    }
  }
  std::set<ObjectId> whole;
  Roots seen;
  for (const ObjectId& id : dependents) add_whole(id, whole, seen);
  for (const ObjectId& id : std::set<ObjectId>(whole)) {
    for (const ObjectId& used : used_by(id)) add_whole(used, whole, seen);
  }
  for (const auto& [id, object] : step) {  // what has no edges in pg_depend: an extension whose members' privileges change
    if (kinds::of(id).uses == nullptr) continue;
    for (const Catalog* side : {&input_.from, &input_.to}) {
      const Object* object_there = side->find(id);
      if (object_there == nullptr) continue;
      for (const ObjectId& used : kinds::of(id).uses(*object_there, *side)) add_whole(used, whole, seen);
    }
  }
  for (const Transition* changes : {&changed_, &step}) {  // what is there only between the steps
    for (const auto& [id, object] : *changes) {
      if (object && object->parent && whole.contains(*object->parent)) whole.insert(id);
    }
  }
  std::vector<ObjectId> tables(whole.begin(), whole.end());  // and those below: PostgreSQL locks them along
  while (!tables.empty()) {
    const ObjectId id = tables.back();
    tables.pop_back();
    if (kinds::of(id).holds != kinds::Holds::rows || id.path.size() > 2) continue;
    for (const ObjectId& below : users_of(id)) {
      if (kinds::of(below).holds != kinds::Holds::rows || whole.contains(below)) continue;
      add_whole(below, whole, seen);
      tables.push_back(below);
    }
  }
  return whole;
}

// A later step says what it is dropped with (a sequence that is tied to its column at the end).
bool States::waits_to_be_owned(const Object& object, const Catalog& side) const {
  if (&side != &input_.to) return false;
  const Object& final = *side.find(object.id);
  return !object.has(catalog::keys::kOwnedBy) && final.has(catalog::keys::kOwnedBy);
}

Catalog States::part(const std::set<ObjectId>& ids) const {
  std::vector<Object> objects;
  std::map<ObjectId, Index> places;
  for (const ObjectId& id : ids) {
    const Object* object = now(id);
    if (object == nullptr || (object->parent && now(*object->parent) == nullptr)) continue;
    places[id] = static_cast<Index>(objects.size());
    objects.push_back(*object);
  }
  std::set<catalog::Edge> edges;
  for (const auto& [id, place] : places) {
    const auto add = [&, &id = id, place = place](const Catalog& side) {
      if (!side.contains(id)) return;  // there only between the steps: what it names, something else names too
      const bool waits = waits_to_be_owned(objects[place], side);
      for (const auto& edge : side.edges_from(*side.index_of(id))) {
        const auto used = places.find(side.at(edge.referenced).id);
        if (used != places.end() && !(waits && edge.automatic)) edges.insert({place, used->second, edge.automatic});
      }
    };
    const bool later = changed_.contains(id) && input_.to.contains(id);
    add(later ? input_.to : input_.from);
    if (kinds::leans_on_either_key(id)) add(later ? input_.from : input_.to);
  }
  return Catalog(std::move(objects), {edges.begin(), edges.end()});
}

States::Around States::pass(const Transition& step) {
  const auto ids = neighbourhood(step);
  Around around{.before = part(ids), .after = {}};
  for (const auto& [id, object] : step) changed_[id] = object;
  around.after = part(ids);
  return around;
}

}  // namespace lockstep::planner
