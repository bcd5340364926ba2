#include "reconciler/state.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/changes.h"
#include "catalog/value_json.h"
#include "catalog/whole.h"
#include "elaborator/desired.h"
#include "elaborator/options.h"
#include "elaborator/scratch_copy.h"
#include "kinds/recreation/recreated.h"
#include "kinds/registry.h"
#include "reconciler/comparer.h"
#include "reconciler/selection.h"
#include "reconciler/territory.h"
#include "support/error.h"

namespace lockstep::reconciler {
namespace {

using catalog::Catalog;
using catalog::Change;
using catalog::Object;
using catalog::ObjectId;
using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;
constexpr const char* kAddress = "address";

using Facets = std::set<std::string, std::less<>>;

Facets facets_of(const Object& object) {
  Facets facets;
  for (const auto& attribute : kinds::of(object.id).attributes)
    if (attribute.facet && !catalog::is_absent(object.value(attribute.name))) facets.emplace(attribute.name);
  return facets;
}

// The form that is recorded: without derived attributes, and without facets that nobody stated.
Object recorded(const Object& live, const Facets& stated) {
  Object object = live;
  for (const auto& attribute : kinds::of(object.id).attributes) {
    if (attribute.derived || (attribute.facet && !stated.contains(attribute.name))) object.set(attribute.name, {});
  }
  return object;
}

std::optional<ObjectId> id_from(const Json& json) {
  const kinds::KindSpec* kind = kinds::find(json.at("kind").get<std::string>());
  if (kind == nullptr) return std::nullopt;
  return ObjectId{&kind->tag, json.at("path").get<catalog::Path::Names>()};
}

catalog::Value value_from(const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_array()) return json.get<catalog::List>();
  return {};
}

std::optional<Object> object_from(const Json& json) {
  Object object;
  const auto id = id_from(json);
  if (!id) return std::nullopt;
  object.id = *id;
  if (json.contains("parent")) {
    object.parent = id_from(json.at("parent"));
    if (!object.parent) return std::nullopt;
  }
  for (const auto& [name, value] : json.at("attributes").items()) {
    const auto* attribute = kinds::attribute(kinds::of(object.id), name);
    if (attribute == nullptr) return std::nullopt;
    object.set(attribute->name, value_from(value));
  }
  return object;
}

Json scope_json(const parser::Scope& scope) {
  Json dropped = Json::array();
  for (const ObjectId& id : scope.dropped) dropped.push_back(catalog::id_json(id));
  Json external = Json::array();
  for (const ObjectId& id : scope.external) external.push_back(catalog::id_json(id));
  Json json{{"format", kFormat},        {"everything", scope.everything},
            {"schemas", scope.schemas}, {"partial_schemas", scope.partial_schemas},
            {"ignored", scope.ignored}, {"dropped", dropped},
            {"external", external}};
  for (const ObjectId& id : scope.protects) json["protects"].push_back(catalog::id_json(id));
  return json;
}

parser::Scope scope_from(const Json& json) {
  parser::Scope scope;
  scope.everything = json.at("everything").get<bool>();
  scope.schemas = json.at("schemas").get<std::set<std::string>>();
  scope.partial_schemas = json.at("partial_schemas").get<std::set<std::string>>();
  scope.ignored = json.at("ignored").get<std::vector<std::string>>();
  for (const Json& dropped : json.at("dropped"))
    if (const auto id = id_from(dropped)) scope.dropped.insert(*id);
  for (const Json& external : json.value("external", Json::array()))  // the attribute didn't exist before there were any
    if (const auto id = id_from(external)) scope.external.insert(*id);
  for (const Json& guarded : json.value("protects", Json::array()))
    if (const auto id = id_from(guarded)) scope.protects.insert(*id);
  return scope;
}

// Compares plainly first, and through the elaborator only if an expression differs. If no scratch copy can be made, the plain
// result is used: a difference too many is better than no check.
// `whole`: `to` with the external objects that it refers to.
std::vector<Change> changes(const parser::Scope& scope, const Catalog& from, const Catalog& to, const Catalog& whole,
                            const postgres::Snapshot& live, const elaborator::Options& options) {
  Comparer comparer(scope, to);
  std::vector<Change> found = comparer.changes(from);
  if (Comparer::with_expressions(found).empty()) return found;
  try {
    const elaborator::Copy again = elaborator::make_copy(from, to, live, options);
    const elaborator::Copy wanted = elaborator::make_copy(whole, to, live, options);
    comparer.elaborated(&again.catalog, &wanted.catalog);
    return comparer.changes(from);
  } catch (const support::CommandError&) {
    return found;
  }
}

std::vector<Change> inverted(std::vector<Change> changes) {
  for (Change& change : changes) change = catalog::inverted(std::move(change));
  return changes;
}

using Managed = std::map<ObjectId, Facets>;  // maps managed objects to those of their facets that are stated

Managed managed_by(const State& state) {
  Managed managed;
  for (const Object& object : state.catalog.objects()) managed.emplace(object.id, facets_of(object));
  return managed;
}

// From Plan::record. False: it can't be read.
bool apply_record(const std::string& text, Managed& managed, parser::Scope& scope) {
  if (text.empty()) return false;
  try {
    const Json record = Json::parse(text);
    Managed stated = managed;
    for (const Json& gone : record.at("gone"))
      if (const auto id = id_from(gone)) stated.erase(*id);
    for (const Json& one : record.at("stated")) {
      if (const auto id = id_from(one)) stated[*id] = one.value("facets", Facets());
    }
    scope = scope_from(record.at("scope"));
    managed = std::move(stated);
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

Catalog read_back(const Catalog& live, Managed managed) {
  std::vector<ObjectId> ids;
  for (const auto& [id, facets] : managed) ids.push_back(id);
  std::vector<Object> objects;
  for (std::size_t at = 0; at < ids.size(); ++at) {  // grows: an object's parents are added
    const Object* object = live.find(ids[at]);
    if (object == nullptr) continue;
    if (object->parent && managed.emplace(*object->parent, Facets()).second) ids.push_back(*object->parent);
    objects.push_back(recorded(*object, managed.at(ids[at])));
  }
  return Catalog(std::move(objects));
}

}  // namespace

namespace {

// What the plan left out stays as it was recorded: it may have drifted, or wait for another plan.
State state_after_part(const Catalog& live, const plan::Plan& plan, const State& before) {
  State state = state_given_up(live, plan, before);
  for (const plan::Step& step : plan.steps) {
    for (const ObjectId& id : step.produces) {
      const std::string schema = kinds::schema_of(id);
      if (live.contains(id) && !schema.empty() && !state.scope.schemas.contains(schema))
        state.scope.partial_schemas.insert(schema);
    }
  }
  return state;
}

}  // namespace

State state_after(const Catalog& live, const Catalog& desired, const parser::Scope& scope) {
  std::vector<Object> objects;
  for (const Object& wanted : desired.objects())
    if (const Object* found = live.find(wanted.id)) objects.push_back(recorded(*found, facets_of(wanted)));
  // Live equals desired, so every parent in live exists in desired.
  return {Catalog(std::move(objects)), scope};
}

State state_after(const Catalog& live, const plan::Plan& plan, const std::optional<State>& before) {
  if (before && selection_of(plan).any()) return state_after_part(live, plan, *before);
  State state;
  Managed managed;
  if (before) {
    managed = managed_by(*before);
    state.scope = before->scope;
  }
  if (apply_record(plan.record, managed, state.scope)) {
    state.catalog = read_back(live, std::move(managed));
    return state;
  }
  for (const plan::Step& step : plan.steps) {
    for (const ObjectId& id : step.destroys) managed.erase(id);
    for (const ObjectId& id : step.produces) managed.emplace(id, Facets());
  }
  // Objects that are created with them and have no settings of their own (the columns that partitions inherit).
  for (const Object& object : live.objects()) {
    if (!object.parent || !kinds::of(object.id).made_with_parent || !managed.contains(*object.parent)) continue;
    if (recorded(object, {}).attributes.empty()) managed.emplace(object.id, Facets());
  }
  if (!before) {
    for (const auto& [id, facets] : managed)
      if (live.contains(id) && !kinds::schema_of(id).empty()) state.scope.partial_schemas.insert(kinds::schema_of(id));
  }
  state.catalog = read_back(live, std::move(managed));
  return state;
}

namespace {

// What prints a column, or another part, that the plan renames: its table's partition key, indexes and checks of children.
std::set<ObjectId> printed_anew(const Catalog& live, const plan::Plan& plan) {
  std::set<ObjectId> found;
  for (const plan::Step& step : plan.steps) {
    for (const ObjectId& id : step.renames ? step.produces : std::vector<ObjectId>()) {
      if (!live.contains(id)) continue;
      for (const ObjectId& along : kinds::retyped_along(id, live)) {
        const auto index = live.index_of(along);
        if (!index) continue;
        if (const auto parent = live.parent(*index)) found.insert(live.at(*parent).id);
        for (const auto& edge : live.edges_to(*index)) found.insert(live.at(edge.dependent).id);
      }
    }
  }
  return found;
}

}  // namespace

State state_given_up(const Catalog& live, const plan::Plan& plan, const State& before) {
  Managed managed = managed_by(before);
  parser::Scope ignored;
  apply_record(plan.record, managed, ignored);  // for what the run has created by now, this tells what is stated
  const Territory territory(plan, live);
  const std::set<ObjectId> printed = printed_anew(live, plan);
  const auto touched = [&](const ObjectId& id) { return territory.holds(id) || printed.contains(id); };
  std::map<ObjectId, Object> objects;
  for (const Object& object : before.catalog.objects())
    if (!touched(object.id)) objects.emplace(object.id, object);
  std::vector<ObjectId> ids;
  for (catalog::Index index = 0; index < live.objects().size(); ++index) {
    const ObjectId& id = live.at(index).id;
    if (!touched(id)) continue;
    if (managed.contains(id) || before.catalog.contains(id) || before.scope.covers(live.at(live.root(index)).id, before.catalog))
      ids.push_back(id);
  }
  for (std::size_t at = 0; at < ids.size(); ++at) {  // grows, as above
    const Object* object = live.find(ids[at]);
    if (object == nullptr) continue;
    const auto stated = managed.find(ids[at]);
    const Object* known = before.catalog.find(ids[at]);
    Facets facets = stated != managed.end() ? stated->second : Facets();
    if (known != nullptr) facets.merge(facets_of(*known));
    if (object->parent && !objects.contains(*object->parent)) ids.push_back(*object->parent);
    objects.insert_or_assign(ids[at], recorded(*object, facets));
  }
  std::vector<Object> list;
  for (const auto& [id, object] : objects)
    if (catalog::is_whole(object, objects)) list.push_back(object);
  return {Catalog(std::move(list)), before.scope};
}

std::string record_text(const elaborator::Desired& desired, const std::optional<State>& before) {
  Json stated = Json::array(), gone = Json::array();
  const Managed known = before ? managed_by(*before) : Managed();
  for (const Object& object : desired.catalog.objects()) {
    const Facets facets = facets_of(object);
    const auto found = known.find(object.id);
    if (found != known.end() && found->second == facets) continue;
    Json one = catalog::id_json(object.id);
    if (!facets.empty()) one["facets"] = facets;
    stated.push_back(std::move(one));
  }
  for (const auto& [id, facets] : known)
    if (!desired.catalog.contains(id)) gone.push_back(catalog::id_json(id));
  return Json{{"scope", scope_json(desired.scope)}, {"stated", std::move(stated)}, {"gone", std::move(gone)}}.dump();
}

std::string scope_text(const State& state) {
  return scope_json(state.scope).dump();
}

std::map<std::string, std::string> object_texts(const State& state) {
  std::map<std::string, std::string> texts;
  for (const Object& object : state.catalog.objects()) {
    Json json = catalog::id_json(object.id);
    if (object.parent) json["parent"] = catalog::id_json(*object.parent);
    json["attributes"] = Json::object();
    for (const auto& [name, value] : object.attributes) json["attributes"][std::string(name)] = catalog::value_json(value);
    if (const auto at = state.addresses.find(object.id); at != state.addresses.end())
      json[kAddress] = {at->second.catalog, at->second.object, at->second.sub};
    texts[catalog::to_string(object.id)] = json.dump();
  }
  return texts;
}

std::optional<State> read_state(const std::map<std::string, std::string>& objects, const std::string& scope) {
  try {
    const Json head = Json::parse(scope);
    if (head.at("format").get<int>() != kFormat) return std::nullopt;
    std::vector<Object> list;
    Addresses addresses;
    for (const auto& [name, text] : objects) {
      const Json json = Json::parse(text);
      auto object = object_from(json);
      if (!object) return std::nullopt;
      if (const auto at = json.find(kAddress); at != json.end())
        addresses[object->id] = {at->at(0).get<std::uint32_t>(), at->at(1).get<std::uint32_t>(), at->at(2).get<std::int32_t>()};
      list.push_back(std::move(*object));
    }
    return State{Catalog(std::move(list)), scope_from(head), std::move(addresses)};
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

bool says_objects(const std::map<std::string, std::string>& objects, const State& state) {
  const auto known = read_state(objects, scope_text(state));
  return known && object_texts({known->catalog, state.scope}) == object_texts({state.catalog, state.scope});
}

Addresses addresses_of(const Catalog& recorded, const postgres::Snapshot& live, const Addresses& before) {
  Addresses addresses;
  for (const auto& [address, id] : live.addresses)
    if (recorded.contains(id)) addresses.emplace(id, address);
  for (const auto& [id, address] : before)
    if (recorded.contains(id) && (live.addresses.empty() || !live.catalog.contains(id))) addresses.emplace(id, address);
  return addresses;
}

std::vector<Change> drift(const State& applied, const postgres::Snapshot& live, const elaborator::Options& options) {
  return inverted(changes(applied.scope, live.catalog, applied.catalog, applied.catalog, live, options));
}

std::vector<Change> pending(const State& applied, const elaborator::Desired& desired, const postgres::Snapshot& live,
                            const elaborator::Options& options) {
  return changes(desired.scope, applied.catalog, desired.catalog, desired.whole(), live, options);
}

std::vector<Change> missing(const elaborator::Desired& desired, const postgres::Snapshot& live,
                            const elaborator::Options& options) {
  return changes(desired.scope, live.catalog, desired.catalog, desired.whole(), live, options);
}

std::vector<Change> undeclared(const elaborator::Desired& desired, const postgres::Snapshot& live,
                               const elaborator::Options& options) {
  return inverted(missing(desired, live, options));
}

}  // namespace lockstep::reconciler
