// A column's default. It is an object of its own, so that a table, the function that its default calls and the sequence that it
// uses never wait for each other. The expression of a generated column belongs to the column.
#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/columns/retyped.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/relations/relation_sql.h"
#include "recipes/descendants.h"
#include "recipes/inline_defaults.h"
#include "recipes/numbering.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace defaults {
namespace {

using support::quote_identifier;

std::string introspect(int) {
  return "SELECT " + address_columns("pg_attrdef", "d.oid", "0", "pg_class", "d.adrelid", "d.adnum") +
         "NULL::text AS name, NULL::text AS key, pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS expression "
         "FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_class c ON c.oid = d.adrelid JOIN pg_catalog.pg_namespace n ON n.oid = "
         "c.relnamespace "
         "JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum "
         "WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND a.attgenerated = '' AND (a.attislocal AND NOT "
         "c.relispartition OR a.attinhcount = 0) "
         "AND " +
         user_schema("n");
}

std::string column_of(const ObjectId& id) {
  return "ALTER TABLE " + recipes::relation_name(id) + " ALTER COLUMN " + quote_identifier(id.path[2]);
}

Step set_default(const Object& value, const Context& context) {
  Step step = recipes::step_for(value, "set default of " + support::qualified(value.id.path),
                                {column_of(value.id) + " SET DEFAULT " + value.get(keys::kExpression)});
  step.lock = plan::LockMode::access_exclusive;
  for (auto& statement : recipes::say_again(value.id, "default", context)) step.sql.push_back(std::move(statement));
  step.consumes = recipes::columns_above(context.to, value.id);  // a change of those would overwrite this one
  // It becomes the column's own as the table leaves its parents, and is inherited until then.
  if (recipes::left_behind(context, {&kColumn.tag, value.id.path})) step.consumes.push_back(recipes::relation_of(value.id));
  return step;
}

// Lets a new sequence continue after the numbers in the column.
Step number(const Object& value, const Context& context) {
  Step step = set_default(value, context);
  const auto sequence = recipes::drawn_from(context.to, {&kColumn.tag, value.id.path});
  if (!sequence || !context.is_new(*sequence) || !context.online(recipes::relation_of(value.id))) return step;
  step.sql.push_back(recipes::beyond_the_last(value.id, recipes::numbers_of(*context.to.find(*sequence))));
  if (recipes::reads_all(value.id, context)) {
    step.scans = true;
    step.bytes = context.bytes(recipes::relation_of(value.id));
  }
  return step;
}

Steps create(const Object& value, const Context& context) {
  const ObjectId table = recipes::relation_of(value.id);
  // ADD COLUMN includes it.
  if (!context.is_new(table) && context.is_new({&kColumn.tag, value.id.path})) return {};
  if (context.is_new(table) && recipes::inline_default({&kColumn.tag, value.id.path}, context) != nullptr) return {};
  return {number(value, context)};
}

Steps drop(const Object& value, const Context& context) {
  const Object* column = context.to.find({&kColumn.tag, value.id.path});
  // Included in the change that makes the column generated, an identity or inherited.
  if (column != nullptr && (column->has(keys::kIdentity) || column->has(keys::kGenerated) || is_inherited(*column))) return {};
  Step step;
  step.title = "drop default of " + support::qualified(value.id.path);
  step.sql = {column_of(value.id) + " DROP DEFAULT"};
  for (auto& statement : recipes::say_again(value.id, "default", context)) step.sql.push_back(std::move(statement));
  step.consumes = recipes::columns_above(context.to, value.id);
  step.phase = plan::Phase::contract;
  step.lock = plan::LockMode::access_exclusive;
  step.destroys = {value.id};
  step.breaking = "INSERTs that leave " + quote_identifier(value.id.path[2]) + " out no longer get its default";
  return {step};
}

Steps change(const Change&, const Object&, const Object& to, const Context& context) {
  const auto sequence = recipes::drawn_from(context.to, {&kColumn.tag, to.id.path});
  const bool begins = sequence && context.is_new(*sequence);
  if (!begins && is_retyped_alone({&kColumn.tag, to.id.path}, context)) return {};  // set by that statement
  return {number(to, context)};
}

std::string address(const ObjectId& id) {
  return support::qualified(id.path);
}

constexpr AttrSpec kAttributes[] = {{.name = keys::kExpression.name, .expression = true, .recipe = change}};

}  // namespace
}  // namespace defaults

constinit const KindSpec kDefault{
    .tag = {"default"},
    .introspect = defaults::introspect,
    .attributes = defaults::kAttributes,
    .create = defaults::create,
    .drop = defaults::drop,
    .address = defaults::address,
};

}  // namespace lockstep::kinds
