#include "kinds/recreation/enum_rebuild.h"

#include <algorithm>
#include <map>
#include <set>

#include "catalog/keys.h"
#include "kinds/columns/carried.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/dependents.h"
#include "kinds/registry.h"
#include "recipes/descendants.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using catalog::Edge;
using support::qualified;
using support::quote_identifier;
using support::quote_literal;

struct Uses {
  std::vector<const Object*> columns;   // own columns, without inherited ones
  std::vector<const Object*> defaults;  // set again for the whole partition tree
  std::vector<ObjectId> gone;           // columns that the plan drops before
  std::set<std::string> obstacles;
};

// Whether PostgreSQL carries the object along when a column under it is retyped.
bool carried_along(const Object& object) {
  const ObjectId& id = object.id;
  return id.is(kIndex.tag) || id.is(kPrimaryKey.tag) || id.is(kUnique.tag) || id.is(kForeignKey.tag) || id.is(kExclude.tag) ||
         id.is(kCheck.tag) || id.is(kStatistics.tag) || id.is(kDefault.tag) || id.is(kOverride.tag) || of(id).is_satellite();
}

// Whether the plan drops it before, for good or to recreate it.
bool makes_way(const Object& object, const Context& context) {
  return !context.to.contains(object.id) || context.is_new(object.id);
}

void look_at_column(const Catalog& catalog, catalog::Index column, Uses& uses) {
  const Object& object = catalog.at(column);
  if (object.has(keys::kGenerated)) uses.obstacles.insert(catalog::to_string(object.id) + " (generated)");
  if (!object.get(keys::kInherited)) uses.columns.push_back(&object);
  for (const auto child : catalog.children(column)) {
    if (catalog.at(child).id.is(kDefault.tag)) uses.defaults.push_back(&catalog.at(child));
  }
}

Uses uses_of(const ObjectId& type, const Context& context) {
  const Catalog& catalog = context.from;
  Uses uses;
  const auto index = catalog.index_of(type);
  if (!index) return uses;
  for (const Edge& edge : catalog.edges_to(*index)) {
    const Object& dependent = catalog.at(edge.dependent);
    if (!dependent.id.is(kColumn.tag)) continue;
    if (makes_way(dependent, context)) {
      uses.gone.push_back(dependent.id);
    } else {
      look_at_column(catalog, edge.dependent, uses);
    }
  }
  for (const ObjectId& id : not_carried_along(type, catalog)) {
    if (!makes_way(*catalog.find(id), context)) uses.obstacles.insert(catalog::to_string(id));
  }
  return uses;
}

[[noreturn]] void refuse(const ObjectId& id, const std::set<std::string>& obstacles) {
  std::string list;
  for (const auto& obstacle : obstacles) list += "\n  " + obstacle;
  throw support::RefusedError(
      "values of " + catalog::to_string(id) +
      " are removed or reordered, which PostgreSQL can't do in place: the type must be created anew, and not all that depends on "
      "it can be carried over.\nIn the way:" +
      list + "\nNothing was changed. Drop these first, or keep the old values in their order and add new ones.");
}

std::string column_action(const Object& column, const std::string& action) {
  return "ALTER COLUMN " + quote_identifier(column.id.path[2]) + " " + action;
}

bool is_converted(const Object& column, const Context& context) {
  return has_convert(column.id, context) && !column.has(keys::kGenerated);
}

std::string retype(const Object& column, const ObjectId& enum_type, const Context& context) {
  const std::string type = column.get(keys::kType);
  if (is_converted(column, context)) return column_action(column, "TYPE " + type + converting(column, {enum_type}, context));
  const bool array = type.size() > 2 && type.compare(type.size() - 2, 2, "[]") == 0;
  const std::string name = quote_identifier(column.id.path[2]);
  return column_action(column, "TYPE " + type + " USING " + name + (array ? "::text[]::" : "::text::") + type);
}

std::string alter_default(const Object& item, const std::string& action) {
  return "ALTER TABLE " + qualified(item.id.path[0], item.id.path[1]) + " ALTER COLUMN " + quote_identifier(item.id.path[2]) +
         " " + action;
}

List removed_values(const Object& from, const Object& to) {
  List gone;
  const List kept = to.get(keys::kValues);
  for (const auto& value : from.get(keys::kValues)) {
    if (std::find(kept.begin(), kept.end(), value) == kept.end()) gone.push_back(value);
  }
  return gone;
}

void add_losses(Step& step, const Object& from, const Uses& uses, const List& removed, const Context& context) {
  if (removed.empty()) return;
  std::vector<std::string> literals;
  for (const auto& value : removed) literals.push_back(quote_literal(value));
  const std::string list = support::join(literals, ", ");
  step.losses.push_back({.hazard = "lossy-type",
                         .object = support::join(from.id.path, "."),
                         .what = "values " + list + " of " + catalog::to_string(from.id)});
  for (const Object* column : uses.columns) {
    if (is_converted(*column, context)) continue;
    const bool array = column->get(keys::kType).find("[]") != std::string::npos;
    const std::string condition = array ? "::text[] && ARRAY[" + list + "]" : "::text IN (" + list + ")";
    step.checks.push_back(check_of(*column, "no " + catalog::to_string(column->id) + " holds " + list, condition, context));
  }
}

// The new type has no owner, comment and grants yet; the present ones are set on it.
void restore_satellites(Step& step, const Object& from, const Object& to, const Context& context) {
  if (from.has(kOwner)) step.sql.push_back(alter(kEnum, to.id) + " " + owner_clause(from));
  const auto index = context.from.index_of(from.id);
  if (!index) return;
  for (const auto child : context.from.children(*index)) {
    const Object& satellite = context.from.at(child);
    if (!of(satellite.id).is_satellite()) continue;
    for (auto& made : of(satellite.id).create(satellite, context)) {
      step.sql.insert(step.sql.end(), made.sql.begin(), made.sql.end());
    }
  }
}

}  // namespace

bool only_adds(const Object& from, const Object& to) {
  const List part = from.get(keys::kValues);
  auto next = part.begin();
  for (const auto& value : to.get(keys::kValues)) {
    if (next != part.end() && *next == value) ++next;
  }
  return next == part.end();
}

std::vector<ObjectId> columns_of_enum(const ObjectId& type, const Catalog& catalog) {
  std::vector<ObjectId> columns;
  for (const Edge& edge : catalog.edges_to(*catalog.index_of(type))) {
    const Object& dependent = catalog.at(edge.dependent);
    if (dependent.id.is(kColumn.tag)) columns.push_back(dependent.id);
  }
  return columns;
}

std::vector<ObjectId> not_carried_along(const ObjectId& type, const Catalog& catalog) {
  std::set<ObjectId> found;
  const auto add = [&](catalog::Index dependent) {
    const Object& object = catalog.at(dependent);
    const bool part_of_view = of(object.id).made_with_parent && !object.id.is(kColumn.tag) && object.parent;
    found.insert(part_of_view ? *object.parent : object.id);
  };
  for (const Edge& edge : catalog.edges_to(*catalog.index_of(type))) {
    const ObjectId& id = catalog.at(edge.dependent).id;
    if (id.is(kColumn.tag)) {
      for (const Edge& on_column : catalog.edges_to(edge.dependent)) {
        if (!carried_along(catalog.at(on_column.dependent))) add(on_column.dependent);
      }
    } else if (!id.is(kDefault.tag) && !id.is(kOverride.tag)) {
      add(edge.dependent);
    }
  }
  return {found.begin(), found.end()};
}

Steps rebuild_enum(const Object& from, const Object& to, const Context& context) {
  const Uses uses = uses_of(from.id, context);
  if (!uses.obstacles.empty()) refuse(from.id, uses.obstacles);
  const List removed = removed_values(from, to);
  Step step = recipes::step_for(to, "recreate " + catalog::to_string(to.id) + " with other values", {});
  const std::string aside = aside_name(to);
  step.sql.push_back(alter(kEnum, to.id) + " RENAME TO " + quote_identifier(aside));
  for (const auto& made : kEnum.create(to, context)) step.sql.insert(step.sql.end(), made.sql.begin(), made.sql.end());
  for (const Object* item : uses.defaults) step.sql.push_back(alter_default(*item, "DROP DEFAULT"));
  for (const Object* column : uses.columns) {
    // just now, including those of its descendants
    const bool dropped = context.from.contains({&kDefault.tag, column->id.path});
    if (!dropped && recipes::descendants_have_defaults(column->id, context))
      step.sql.push_back(alter_default(*column, "DROP DEFAULT"));
  }
  std::map<ObjectId, std::vector<std::string>> tables;  // one ALTER, hence one rewrite, a table
  for (const Object* column : uses.columns) tables[relation_of(*column)].push_back(retype(*column, to.id, context));
  for (const auto& [table, actions] : tables) {
    step.sql.push_back("ALTER TABLE " + qualified(table.path) + " " + support::join(actions, ", "));
    step.bytes += context.bytes(table);
  }
  for (const Object* item : uses.defaults) {
    const Object* wanted = context.to.find(item->id);
    if (wanted != nullptr) step.sql.push_back(alter_default(*item, "SET DEFAULT " + wanted->get(keys::kExpression)));
  }
  for (const Object* column : uses.columns) {
    for (auto& kept : recipes::say_again(column->id, "default", context, true)) step.sql.push_back(std::move(kept));
  }
  step.sql.push_back("DROP TYPE " + qualified(to.id.path[0], aside));
  restore_satellites(step, from, to, context);
  for (ObjectId& column : columns_of_enum(from.id, context.from)) {
    if (std::find(uses.gone.begin(), uses.gone.end(), column) == uses.gone.end()) step.produces.push_back(std::move(column));
  }
  step.consumes.insert(step.consumes.end(), uses.gone.begin(), uses.gone.end());
  step.phase = plan::Phase::contract;
  step.lock = plan::LockMode::access_exclusive;
  step.rewrites = !tables.empty();
  step.breaking = removed.empty()
                      ? "comparisons of " + catalog::to_string(to.id) + " follow another order"
                      : "statements that use " + support::join(removed, ", ") + " of " + catalog::to_string(to.id) + " fail";
  add_losses(step, from, uses, removed, context);
  for (const Object* column : uses.columns) {
    if (is_converted(*column, context)) say_converted(step, *column, {to.id}, context);
  }
  return {std::move(step)};
}

}  // namespace lockstep::kinds
