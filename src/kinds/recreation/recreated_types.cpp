#include "kinds/recreation/recreated_types.h"

#include <algorithm>
#include <map>

#include "catalog/changes.h"
#include "catalog/keys.h"
#include "kinds/columns/carried.h"
#include "kinds/columns/column_text.h"
#include "kinds/columns/stored_values.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/enum_rebuild.h"
#include "kinds/recreation/type_succession.h"
#include "kinds/registry.h"
#include "kinds/types/composite_parts.h"
#include "kinds/values/values_tried.h"
#include "recipes/change_column.h"
#include "recipes/conversion.h"
#include "recipes/descendants.h"
#include "recipes/relation.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using support::quote_identifier;

bool is_stored(const ObjectId& type, const Catalog& from) {
  return !stored_in(type, from).empty();
}

bool is_used(const ObjectId& type, const Catalog& from) {
  return is_stored(type, from) || !types_over(type, from).empty();
}

bool is_nested(const ObjectId& type, const Catalog& from) {
  const auto places = stored_in(type, from);
  return std::any_of(places.begin(), places.end(), [](const StoredIn& place) { return place.nested(); });
}

// Whether a generated column is of the type or is computed from a column of it, or a default of such a column changes with it.
// Such a column or default is dropped before and created after. So is a foreign key on a column of it: PostgreSQL can't compare
// its two sides in between.
bool makes_others_anew(const ObjectId& type, const Catalog& from, const Catalog& to) {
  const auto anew = [&](const catalog::Edge& edge) {
    const Object& object = from.at(edge.dependent);
    if (object.has(keys::kGenerated) || object.id.is(kForeignKey.tag)) return true;
    const Object* after = object.id.is(kDefault.tag) || object.id.is(kOverride.tag) ? to.find(object.id) : nullptr;
    return after != nullptr && after->attributes != object.attributes;
  };
  const auto& edges = from.edges_to(*from.index_of(type));
  return std::any_of(edges.begin(), edges.end(), [&](const catalog::Edge& edge) {
    const auto& over = from.edges_to(edge.dependent);
    return anew(edge) || (from.at(edge.dependent).id.is(kColumn.tag) && std::any_of(over.begin(), over.end(), anew));
  });
}

// The type that has to be recreated for this change; absent: PostgreSQL makes the change in place, or no values are stored.
std::optional<ObjectId> again_for(const Change& change, const Catalog& from, const Catalog& to) {
  const ObjectId& id = change.id;
  const bool set = change.what == Change::What::set;
  if (id.is(kDomain.tag) && set) {
    const bool other = changes(change, keys::kType.name) || changes(change, keys::kCollation.name);
    const bool forbids = changes(change, keys::kNotNull.name) && to.find(id)->get(keys::kNotNull);
    if ((other && is_used(id, from)) || (forbids && is_nested(id, from))) return id;
  }
  if (id.is(kDomainConstraint.tag) && change.what != Change::What::removed) {
    const Object& constraint = *to.find(id);
    const bool valid = !constraint.has(keys::kValid) || constraint.get(keys::kValid);
    const bool stays = from.contains(*constraint.parent) && to.contains(*constraint.parent);
    if (valid && stays && is_nested(*constraint.parent, from)) return constraint.parent;
  }
  if (id.is(kAttribute.tag) && set && is_stored(*to.find(id)->parent, from)) return to.find(id)->parent;
  if (id.is(kComposite.tag) && set && reordered(*from.find(id), *to.find(id))) return id;
  if (id.is(kRange.tag) && set && is_used(id, from)) {
    const bool only_owner = change.attributes.size() == 1 && changes(change, kOwner.name);
    if (!only_owner) return id;
  }
  if (id.is(kEnum.tag) && set && changes(change, keys::kValues.name) && !only_adds(*from.find(id), *to.find(id)) &&
      (!types_over(id, from).empty() || makes_others_anew(id, from, to)))
    return id;
  return std::nullopt;
}

// The functions that PostgreSQL creates with a range belong to the bootstrap superuser and keep their names when the range is
// renamed, so the new range can't be created beside the old one: the columns are text in between.
bool through_text(const std::set<ObjectId>& types) {
  return std::any_of(types.begin(), types.end(), [](const ObjectId& id) { return id.is(kRange.tag); });
}

std::string keyword(const ObjectId& type) {
  return type.is(kDomain.tag) ? "DOMAIN" : "TYPE";
}

// The column's type, if it is one of these, and the path to it inside the column's type.
const Object* type_of(const Object& column, const std::set<ObjectId>& types, const Catalog& from, std::vector<Inward>& way) {
  for (const ObjectId& id : types) {
    const Object* type = from.find(id);
    const auto into = type == nullptr ? std::nullopt : inward(column.get(keys::kType), *type);
    if (!into) continue;
    way = *into;
    return type;
  }
  return nullptr;
}

std::vector<ObjectId> parts_of(const ObjectId& type, const Catalog& to) {
  std::vector<ObjectId> parts{type};
  if (const auto index = to.index_of(type)) {
    for (const auto child : to.children(*index)) {
      if (!of(to.at(child).id).is_satellite() && !of(to.at(child).id).made_with_parent) parts.push_back(to.at(child).id);
    }
  }
  return parts;
}

// Whether its attributes differ or are in another order: reading a value's text would put parts into the wrong attributes.
bool has_other_layout(const ObjectId& type, const Context& context) {
  const Object *from = context.from.find(type), *to = context.to.find(type);
  return type.is(kComposite.tag) && from != nullptr && to != nullptr &&
         from->get(keys::kAttributeOrder) != to->get(keys::kAttributeOrder);
}

// A row constructor, attribute by attribute, by name.
std::string row_of(const Object& column, const ObjectId& type, const Context& context) {
  const std::string name = quote_identifier(column.id.path[2]);
  std::vector<std::string> fields;
  for (const Object* attribute : attributes_of(type, context.to)) {
    const bool stays = context.from.contains(attribute->id);
    fields.push_back((stays ? "(" + name + ")." + quote_identifier(attribute->id.path[2]) + "::text" : "NULL") +
                     "::" + attribute->get(keys::kType));
  }
  return "CASE WHEN " + name + " IS DISTINCT FROM NULL THEN ROW(" + support::join(fields, ", ") +
         ")::" + support::qualified(type.path) + " END";
}

void refuse_layouts_inside(const Object& column, const std::set<ObjectId>& types, const Context& context) {
  for (const ObjectId& id : types) {
    if (!has_other_layout(id, context)) continue;
    for (const StoredIn& place : stored_in(id, context.from)) {
      if (place.column->id != column.id || (place.way.empty() && !through_text(types))) continue;
      throw support::RefusedError("the attributes of " + catalog::to_string(id) +
                                  " change (others, or in another order) in a way that recreates the type, and " +
                                  "values of it lie inside those of " + catalog::to_string(column.id) + " of type " +
                                  column.get(keys::kType) +
                                  ", where PostgreSQL can't convert them one by one.\nNothing was changed. Keep the attributes "
                                  "in their order and add new ones " +
                                  "at the end, or add a column of a new type beside it and move the values.");
    }
  }
}

std::string using_clause(const Object& column, const Object& type, const std::vector<Inward>& way,
                         const std::set<ObjectId>& types, const Context& context) {
  if (column.has(keys::kGenerated)) return {};  // computed again
  if (has_convert(column.id, context)) return converting(column, types, context);
  const std::string name = quote_identifier(column.id.path[2]), printed = column.get(keys::kType);
  if (has_other_layout(type.id, context) && way.empty()) return " USING " + row_of(column, type.id, context);
  if (through_text(types)) return " USING " + name + "::" + printed;
  if (!way.empty() || !type.id.is(kDomain.tag)) return " USING " + name + "::text::" + printed;
  const Object& after = *context.to.find(type.id);
  for (const ObjectId& id : types) {  // over another recreated type, to which the old one has no cast
    const auto into = inward(after.get(keys::kType), *context.from.find(id));
    if (into && (!into->empty() || !id.is(kDomain.tag))) return " USING " + name + "::text::" + printed;
  }
  if (context.probes.contains(recipes::cast_written_out(type.id)))
    return " USING " + name + "::" + after.get(keys::kType) + "::" + printed;
  return {};
}

}  // namespace

std::set<ObjectId> recreated_types(const std::vector<Change>& changes, const Catalog& from, const Catalog& to) {
  std::set<ObjectId> types;
  for (const Change& change : changes) {
    const auto type = again_for(change, from, to);
    if (!type || !types.insert(*type).second) continue;
    for (const ObjectId& over : types_over(*type, from)) {
      if (to.contains(over)) types.insert(over);
    }
  }
  return types;
}

std::set<ObjectId> columns_carried(const std::set<ObjectId>& types, const Catalog& from, const Catalog& to) {
  std::set<ObjectId> columns;
  for (const ObjectId& type : types) {
    for (const StoredIn& place : stored_in(type, from)) {
      const Object* after = to.find(place.column->id);
      if (after != nullptr && !is_inherited(*after)) columns.insert(after->id);
    }
  }
  return columns;
}

bool holds_one_of(const ObjectId& column, const std::set<ObjectId>& types, const Catalog& from) {
  if (!column.is(kColumn.tag)) return false;
  const auto& edges = from.edges_from(*from.index_of(column));
  return std::any_of(edges.begin(), edges.end(), [&](const auto& edge) { return types.contains(from.at(edge.referenced).id); });
}

bool joins_recreated(const Object& object, const std::set<ObjectId>& types, const Catalog& from) {
  if (!object.id.is(kForeignKey.tag)) return false;
  const auto& edges = from.edges_from(*from.index_of(object.id));
  return std::any_of(edges.begin(), edges.end(), [&](const auto& edge) {
    const Object& column = from.at(edge.referenced);
    if (!column.id.is(kColumn.tag)) return false;
    const auto& used = from.edges_from(edge.referenced);
    return std::any_of(used.begin(), used.end(), [&](const auto& one) {
      const ObjectId& type = from.at(one.referenced).id;
      return type.is(kEnum.tag) && types.contains(type);
    });
  });
}

void refuse_row_types(const std::set<ObjectId>& types, const Catalog& from) {
  for (const ObjectId& id : types) {
    for (const StoredIn& place : stored_in(id, from)) {
      std::vector<Inward> way;
      if (type_of(*place.column, types, from, way) != nullptr) continue;
      throw support::RefusedError(
          catalog::to_string(id) + " must be recreated, and " + catalog::to_string(place.column->id) + " of type " +
          place.column->get(keys::kType) +
          " holds values of it through the row type of a table, whose columns PostgreSQL can't change then.\n"
          "Nothing was changed. Give that column a composite type of its own, in an apply before.");
    }
  }
}

Step set_aside(const Object& type, const std::set<ObjectId>& types, const std::set<ObjectId>& columns, const Context& context) {
  if (const auto* succeeded = succeeded_type(type.id, context)) return set_type_aside(*succeeded);
  Step step;
  step.title = "set the old " + catalog::to_string(type.id) + " aside";
  step.phase = plan::Phase::contract;
  step.lock = plan::LockMode::access_exclusive;
  step.destroys = {type.id};
  const std::string name = keyword(type.id) + " " + support::qualified(type.id.path);
  if (!through_text(types)) {
    step.sql = {"ALTER " + name + " RENAME TO " + quote_identifier(aside_name(type))};
    return step;
  }
  std::map<ObjectId, std::vector<std::string>> tables;
  for (const ObjectId& id : columns) {
    const Object& column = *context.from.find(id);
    if (!inward(column.get(keys::kType), type)) continue;
    const std::string alter = "ALTER COLUMN " + quote_identifier(id.path[2]) + " ";
    auto& actions = tables[*column.parent];
    if (context.from.contains({&kDefault.tag, id.path})) actions.push_back(alter + "DROP DEFAULT");
    actions.push_back(alter + "TYPE text" +
                      (column.has(keys::kGenerated) ? "" : " USING " + quote_identifier(id.path[2]) + "::text"));
  }
  for (const auto& [table, actions] : tables) {
    step.sql.push_back("ALTER TABLE " + support::qualified(table.path) + " " + support::join(actions, ", "));
    step.rewrites = step.rewrites || context.online(table);
    step.bytes += context.bytes(table);
  }
  step.sql.push_back("DROP " + name);
  return step;
}

Step carry(const Object& column, const std::set<ObjectId>& types, const Context& context) {
  std::vector<Inward> way;
  const Object* type = type_of(column, types, context.from, way);
  if (type == nullptr)
    throw support::InternalError(catalog::to_string(column.id) + " holds no value of a type that is recreated");
  const bool has_expression = has_convert(column.id, context) && !column.has(keys::kGenerated);
  if (!has_expression) refuse_layouts_inside(column, types, context);
  const std::string printed = column.get(keys::kType);
  Step step = recipes::retype_step(column, printed, using_clause(column, *type, way, types, context), context);
  step.title = "carry the values of " + support::qualified(column.id.path) + " over to the new " + catalog::to_string(type->id);
  step.phase = plan::Phase::contract;
  step.breaking = "statements that rely on the old " + catalog::to_string(type->id) + " may fail";
  step.rewrites = context.online(*column.parent);
  if (step.rewrites) step.bytes = context.bytes(*column.parent);
  for (const ObjectId& id : types) {
    for (ObjectId& part : parts_of(id, context.to)) step.consumes.push_back(std::move(part));
  }
  if (!has_expression && !column.has(keys::kGenerated) && context.online(*column.parent))
    recipes::warn_of_time_zones(step, column.id, context.from.find(column.id)->get(keys::kType), printed, context);
  if (has_expression) {
    say_converted(step, column, types, context);
  } else if (context.online(*column.parent)) {
    for (auto& check : values_tried(column, types, context)) step.checks.push_back(std::move(check));
  }
  if (context.online(*column.parent)) {
    for (auto& loss : values_lost(column, types, context)) step.losses.push_back(std::move(loss));
  }
  return step;
}

std::optional<Step> end_of(const std::set<ObjectId>& types, const std::set<ObjectId>& columns, const Context& context) {
  if (through_text(types)) return std::nullopt;  // dropped already
  Step step;
  step.phase = plan::Phase::contract;
  step.lock = plan::LockMode::access_exclusive;
  std::vector<std::string> names;
  std::vector<const Object*> rest;
  for (const ObjectId& id : types) {
    if (succeeded_type(id, context) != nullptr) continue;  // after its columns
    rest.push_back(context.from.find(id));
    names.push_back(catalog::to_string(id));
  }
  if (rest.empty()) return std::nullopt;
  // A type that contains another one is dropped before it.
  while (!rest.empty()) {
    const auto next = std::find_if(rest.begin(), rest.end(), [&](const Object* type) {
      const auto over = types_over(type->id, context.from);
      return std::none_of(over.begin(), over.end(), [&](const ObjectId& id) {
        return std::any_of(rest.begin(), rest.end(), [&](const Object* other) { return other->id == id; });
      });
    });
    if (next == rest.end()) throw support::InternalError("types that have each other in them: " + support::join(names, ", "));
    step.sql.push_back("DROP " + keyword((*next)->id) + " " + support::qualified((*next)->id.path[0], aside_name(**next)));
    rest.erase(next);
  }
  step.title = "drop the old " + support::join(names, ", ");
  step.consumes.assign(columns.begin(), columns.end());
  return step;
}

}  // namespace lockstep::kinds
