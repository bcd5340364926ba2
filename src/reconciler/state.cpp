#include "reconciler/state.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/value_json.h"
#include "kinds/registry.h"
#include "reconciler/stages.h"
#include "support/error.h"

namespace lockstep::reconciler {
namespace {

using catalog::Catalog;
using catalog::Change;
using catalog::Object;
using catalog::ObjectId;
using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;

// As it is recorded: without what is derived, and without facets that `stated` leaves open (null: all of them).
Object recorded(const Object& live, const Object* stated) {
  Object object = live;
  for (const auto& attribute : kinds::of(object.id).attributes) {
    const bool open = attribute.facet && (stated == nullptr || catalog::is_absent(stated->value(attribute.name)));
    if (attribute.derived || open) object.set(attribute.name, {});
  }
  return object;
}

std::optional<ObjectId> id_from(const Json& json) {
  const kinds::KindSpec* kind = kinds::find(json.at("kind").get<std::string>());
  if (kind == nullptr) return std::nullopt;
  return ObjectId{&kind->tag, json.at("path").get<catalog::Path>()};
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

parser::Scope scope_from(const Json& json) {
  parser::Scope scope;
  scope.everything = json.at("everything").get<bool>();
  scope.schemas = json.at("schemas").get<std::set<std::string>>();
  scope.partial_schemas = json.at("partial_schemas").get<std::set<std::string>>();
  scope.ignored = json.at("ignored").get<std::vector<std::string>>();
  for (const Json& dropped : json.at("dropped"))
    if (const auto id = id_from(dropped)) scope.dropped.insert(*id);
  for (const Json& external : json.value("external", Json::array()))  // not said before there were any
    if (const auto id = id_from(external)) scope.external.insert(*id);
  return scope;
}

// Plain first; through the elaborator only where an expression differs. A scratch copy that can't be had leaves the plain
// answer: one difference too many is better than a check that can't be made.
// `whole`: `to` with what it refers to and others own.
std::vector<Change> changes(const parser::Scope& scope, const Catalog& from, const Catalog& to, const Catalog& whole,
                            const postgres::Snapshot& live, const Options& options) {
  Comparer comparer(scope, to);
  std::vector<Change> found = comparer.changes(from);
  if (!Comparer::any_expression(found)) return found;
  try {
    const Copy again = make_copy(from, to, live, options);
    const Copy wanted = make_copy(whole, to, live, options);
    comparer.elaborated(&again.catalog, &wanted.catalog);
    return comparer.changes(from);
  } catch (const support::CommandError&) {
    return found;
  }
}

std::vector<Change> inverted(std::vector<Change> changes) {
  for (Change& change : changes) {
    if (change.what != Change::What::set)
      change.what = change.what == Change::What::added ? Change::What::removed : Change::What::added;
    for (auto& attribute : change.attributes) std::swap(attribute.from, attribute.to);
  }
  return changes;
}

}  // namespace

State state_after(const Catalog& live, const Catalog& desired, const parser::Scope& scope) {
  std::vector<Object> objects;
  for (const Object& wanted : desired.objects())
    if (const Object* found = live.find(wanted.id)) objects.push_back(recorded(*found, &wanted));
  // What parents the live side names that the desired one doesn't have can't be: live equals desired.
  return {Catalog(std::move(objects)), scope};
}

State state_after(const Catalog& live, const plan::Plan& plan, const std::optional<State>& before) {
  std::map<ObjectId, const Object*> wanted;  // → what it states; null: nothing known
  if (before)
    for (const Object& object : before->catalog.objects()) wanted[object.id] = &object;
  State state;
  if (before) state.scope = before->scope;
  for (const plan::Step& step : plan.steps) {
    for (const ObjectId& id : step.destroys) wanted.erase(id);
    for (const ObjectId& id : step.produces) wanted.emplace(id, nullptr);
  }
  std::vector<ObjectId> ids;
  for (const auto& [id, stated] : wanted) ids.push_back(id);
  for (std::size_t at = 0; at < ids.size(); ++at) {  // grows: an object's parents come along
    const Object* object = live.find(ids[at]);
    if (object != nullptr && object->parent && wanted.emplace(*object->parent, nullptr).second) ids.push_back(*object->parent);
  }
  // What came along with them and says nothing of its own (the columns that partitions have from their parent).
  for (const Object& object : live.objects()) {
    if (!object.parent || !kinds::of(object.id).absorbed || !wanted.contains(*object.parent)) continue;
    if (recorded(object, nullptr).attributes.empty()) wanted.emplace(object.id, nullptr);
  }
  std::vector<Object> objects;
  for (const auto& [id, stated] : wanted) {
    const Object* object = live.find(id);
    if (object == nullptr) continue;
    if (!before && !kinds::schema_of(id).empty()) state.scope.partial_schemas.insert(kinds::schema_of(id));
    objects.push_back(recorded(*object, stated));
  }
  state.catalog = Catalog(std::move(objects));
  return state;
}

std::string scope_text(const State& state) {
  Json dropped = Json::array();
  for (const ObjectId& id : state.scope.dropped) dropped.push_back(catalog::id_json(id));
  Json external = Json::array();
  for (const ObjectId& id : state.scope.external) external.push_back(catalog::id_json(id));
  return Json{{"format", kFormat},
              {"everything", state.scope.everything},
              {"schemas", state.scope.schemas},
              {"partial_schemas", state.scope.partial_schemas},
              {"ignored", state.scope.ignored},
              {"dropped", dropped},
              {"external", external}}
      .dump();
}

std::map<std::string, std::string> object_texts(const State& state) {
  std::map<std::string, std::string> texts;
  for (const Object& object : state.catalog.objects()) {
    Json json = catalog::id_json(object.id);
    if (object.parent) json["parent"] = catalog::id_json(*object.parent);
    json["attributes"] = Json::object();
    for (const auto& [name, value] : object.attributes) json["attributes"][std::string(name)] = catalog::value_json(value);
    texts[catalog::to_string(object.id)] = json.dump();
  }
  return texts;
}

std::optional<State> read_state(const std::map<std::string, std::string>& objects, const std::string& scope) {
  try {
    const Json head = Json::parse(scope);
    if (head.at("format").get<int>() != kFormat) return std::nullopt;
    std::vector<Object> list;
    for (const auto& [name, text] : objects) {
      auto object = object_from(Json::parse(text));
      if (!object) return std::nullopt;
      list.push_back(std::move(*object));
    }
    return State{Catalog(std::move(list)), scope_from(head)};
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::vector<Change> drift(const State& applied, const postgres::Snapshot& live, const Options& options) {
  return inverted(changes(applied.scope, live.catalog, applied.catalog, applied.catalog, live, options));
}

std::vector<Change> pending(const State& applied, const Desired& desired, const postgres::Snapshot& live,
                            const Options& options) {
  return changes(desired.scope, applied.catalog, desired.catalog, desired.whole(), live, options);
}

std::vector<Change> missing(const Desired& desired, const postgres::Snapshot& live, const Options& options) {
  return changes(desired.scope, live.catalog, desired.catalog, desired.whole(), live, options);
}

}  // namespace lockstep::reconciler
