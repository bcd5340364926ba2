#include "kinds/types_made_again.h"

#include <algorithm>

#include "kinds/column_text.h"
#include "kinds/composite_parts.h"
#include "kinds/enum_rebuild.h"
#include "kinds/kinds_list.h"
#include "kinds/registry.h"
#include "kinds/stored_values.h"
#include "kinds/values_tried.h"
#include "recipes/change_column.h"
#include "recipes/heirs.h"
#include "recipes/relation.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using support::quote_identifier;

constexpr Attr<std::string> kType{"type"}, kExpression{"expression"}, kGenerated{"generated"}, kSubtype{"subtype"};
constexpr Attr<bool> kNotNull{"not_null"}, kValid{"valid"};

bool changes(const Change& change, std::string_view name) {
  return std::any_of(change.attributes.begin(), change.attributes.end(),
                     [&](const auto& item) { return item.attribute == name; });
}

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

// The type that has to be made again for this change; absent: PostgreSQL makes the change in place, or nothing is stored.
std::optional<ObjectId> again_for(const Change& change, const Catalog& from, const Catalog& to) {
  const ObjectId& id = change.id;
  const bool set = change.what == Change::What::set;
  if (id.is(kDomain.tag) && set) {
    const bool other = changes(change, kType.name) || changes(change, "collation");
    const bool forbids = changes(change, kNotNull.name) && to.find(id)->get(kNotNull);
    if ((other && is_used(id, from)) || (forbids && is_nested(id, from))) return id;
  }
  if (id.is(kDomainConstraint.tag) && change.what != Change::What::removed) {
    const Object& constraint = *to.find(id);
    const bool valid = !constraint.has(kValid) || constraint.get(kValid);
    const bool stays = from.contains(*constraint.parent) && to.contains(*constraint.parent);
    if (valid && stays && is_nested(*constraint.parent, from)) return constraint.parent;
  }
  if (id.is(kAttribute.tag) && set && is_stored(*to.find(id)->parent, from)) return to.find(id)->parent;
  if (id.is(kComposite.tag) && set && reordered(*from.find(id), *to.find(id))) return id;
  if (id.is(kRange.tag) && set && is_used(id, from)) {
    const bool only_owner = change.attributes.size() == 1 && changes(change, kOwner.name);
    if (!only_owner) return id;
  }
  if (id.is(kEnum.tag) && set && changes(change, "values") && !only_adds(*from.find(id), *to.find(id)) &&
      !types_over(id, from).empty())
    return id;
  return std::nullopt;
}

std::string aside(const Object& type) {
  return recipes::short_name(type.id.path[1] + "_lockstep_old");
}

std::string keyword(const ObjectId& type) {
  return type.is(kDomain.tag) ? "DOMAIN" : "TYPE";
}

// A range's constructors and its multirange keep their names when it is renamed, and the new one makes its own.
void set_range_aside(const Object& range, std::vector<std::string>& sql) {
  const std::string& schema = range.id.path[0];
  const std::string old = support::qualified(schema, aside(range)), multirange = multirange_of(range);
  const std::string name = quote_identifier(aside(range)), subtype = range.get(kSubtype);
  const std::string multi = quote_identifier(recipes::short_name(range.id.path[1] + "_lockstep_old_multirange"));
  const std::string constructor = support::qualified(range.id.path);
  sql.push_back("ALTER FUNCTION " + constructor + "(" + subtype + ", " + subtype + ") RENAME TO " + name);
  sql.push_back("ALTER FUNCTION " + constructor + "(" + subtype + ", " + subtype + ", pg_catalog.text) RENAME TO " + name);
  sql.push_back("ALTER FUNCTION " + multirange + "() RENAME TO " + multi);
  sql.push_back("ALTER FUNCTION " + multirange + "(" + old + ") RENAME TO " + multi);
  sql.push_back("ALTER FUNCTION " + multirange + "(VARIADIC " + old + "[]) RENAME TO " + multi);
  sql.push_back("ALTER TYPE " + multirange + " RENAME TO " + multi);
}

// The type of the column, if it is one of these, and how the column says it.
const Object* type_of(const Object& column, const std::set<ObjectId>& types, const Catalog& from, std::vector<Inward>& way) {
  for (const ObjectId& id : types) {
    const Object* type = from.find(id);
    const auto into = type == nullptr ? std::nullopt : inward(column.get(kType), *type);
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
      if (!of(to.at(child).id).satellite && !of(to.at(child).id).absorbed) parts.push_back(to.at(child).id);
    }
  }
  return parts;
}

std::string using_clause(const Object& column, const Object& type, const std::vector<Inward>& way, const Context& context) {
  if (column.has(kGenerated)) return {};  // computed again
  const std::string name = quote_identifier(column.id.path[2]), printed = column.get(kType);
  if (!way.empty() || !type.id.is(kDomain.tag)) return " USING " + name + "::text::" + printed;
  const Object& after = *context.to.find(type.id);
  if (context.probes.contains(recipes::cast_written_out(type.id)))
    return " USING " + name + "::" + after.get(kType) + "::" + printed;
  return {};
}

}  // namespace

std::set<ObjectId> types_made_again(const std::vector<Change>& changes, const Catalog& from, const Catalog& to) {
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

void refuse_row_types(const std::set<ObjectId>& types, const Catalog& from) {
  for (const ObjectId& id : types) {
    for (const StoredIn& place : stored_in(id, from)) {
      std::vector<Inward> way;
      if (type_of(*place.column, types, from, way) != nullptr) continue;
      throw support::RefusedError(
          catalog::to_string(id) + " must be made again, and " + catalog::to_string(place.column->id) + " of type " +
          place.column->get(kType) +
          " holds values of it through the row type of a table, whose columns PostgreSQL can't change then.\n"
          "Nothing was changed. Give that column a composite type of its own, in an apply before.");
    }
  }
}

Step set_aside(const Object& type, const Context&) {
  Step step;
  step.title = "set the old " + catalog::to_string(type.id) + " aside";
  step.phase = plan::Phase::contract;
  step.lock = plan::LockMode::access_exclusive;
  step.sql = {"ALTER " + keyword(type.id) + " " + support::qualified(type.id.path) + " RENAME TO " +
              quote_identifier(aside(type))};
  if (type.id.is(kRange.tag)) set_range_aside(type, step.sql);
  step.destroys = {type.id};
  return step;
}

Step carry(const Object& column, const std::set<ObjectId>& types, const Context& context) {
  std::vector<Inward> way;
  const Object* type = type_of(column, types, context.from, way);
  if (type == nullptr)
    throw support::InternalError(catalog::to_string(column.id) + " holds no value of a type that is made again");
  const std::string printed = column.get(kType);
  Step step = recipes::retype_step(column, printed, using_clause(column, *type, way, context), context);
  step.title = "carry the values of " + support::qualified(column.id.path) + " over to the new " + catalog::to_string(type->id);
  step.phase = plan::Phase::contract;
  step.breaking = "statements that rely on the old " + catalog::to_string(type->id) + " may fail";
  step.rewrites = context.online(*column.parent);
  if (step.rewrites) step.bytes = context.bytes(*column.parent);
  for (const ObjectId& id : types) {
    for (ObjectId& part : parts_of(id, context.to)) step.consumes.push_back(std::move(part));
  }
  if (context.online(*column.parent)) {
    for (auto& check : values_tried(column, types, context)) step.checks.push_back(std::move(check));
    for (auto& loss : values_lost(column, types, context)) step.losses.push_back(std::move(loss));
  }
  return step;
}

Step end_of(const std::set<ObjectId>& types, const std::set<ObjectId>& columns, const Context& context) {
  Step step;
  step.phase = plan::Phase::contract;
  step.lock = plan::LockMode::access_exclusive;
  std::vector<std::string> names;
  std::vector<const Object*> rest;
  for (const ObjectId& id : types) {
    rest.push_back(context.from.find(id));
    names.push_back(catalog::to_string(id));
  }
  // What has another one in it goes before that.
  while (!rest.empty()) {
    const auto next = std::find_if(rest.begin(), rest.end(), [&](const Object* type) {
      const auto over = types_over(type->id, context.from);
      return std::none_of(over.begin(), over.end(), [&](const ObjectId& id) {
        return std::any_of(rest.begin(), rest.end(), [&](const Object* other) { return other->id == id; });
      });
    });
    if (next == rest.end()) throw support::InternalError("types that have each other in them: " + support::join(names, ", "));
    step.sql.push_back("DROP " + keyword((*next)->id) + " " + support::qualified((*next)->id.path[0], aside(**next)));
    rest.erase(next);
  }
  step.title = "drop the old " + support::join(names, ", ");
  step.consumes.assign(columns.begin(), columns.end());
  return step;
}

}  // namespace lockstep::kinds
