// Domains. ALTER DOMAIN takes one action a statement. The base type can't be altered: another one means a new domain.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/declared_inline.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/recreation/dependents.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace domain {
namespace {

std::string default_clause(const Object& to) {
  return to.has(keys::kDefault) ? "SET DEFAULT " + to.get(keys::kDefault) : "DROP DEFAULT";
}

std::string breaks_default(const Object& from, const Object& to) {
  if (to.has(keys::kDefault)) return {};
  return "INSERTs that leave out a column of " + catalog::to_string(from.id) + " store NULL, or fail";
}

// SET NOT NULL scans every table with a column of the domain, under SHARE.
Steps not_null(const Change&, const Object& from, const Object& to, const Context& context) {
  const std::string name = catalog::to_string(to.id);
  if (!to.get(keys::kNotNull))
    return {recipes::step_for(to, "allow nulls in " + name, {alter(kDomain, to.id) + " DROP NOT NULL"})};
  Step step = recipes::step_for(to, "forbid nulls in " + name, {alter(kDomain, to.id) + " SET NOT NULL"});
  step.phase = plan::Phase::contract;
  step.lock = plan::LockMode::share;
  step.scans = true;
  step.breaking = "statements that store a null in " + name + " fail";
  for (const Object* column : stored_columns(from.id, context)) {
    step.bytes += context.bytes(relation_of(*column));
    step.checks.push_back(check_of(*column, "no " + catalog::to_string(column->id) + " is null", " IS NULL", context));
  }
  return {std::move(step)};
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kType.name, .expression = true},
    {.name = keys::kCollation.name},
    {.name = keys::kDefault.name, .expression = true, .clause = default_clause, .breaking = breaks_default},
    {.name = keys::kNotNull.name, .type = ValueType::boolean, .recipe = not_null},
    kOwnerAttribute,
};

std::string introspect(int) {
  return "SELECT 'pg_type'::regclass::oid, t.oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, t.typname::text, NULL::text,"
         " format_type(t.typbasetype, t.typtypmod) AS type,"
         " CASE WHEN t.typcollation <> b.typcollation THEN (SELECT quote_ident(cn.nspname) || '.' || quote_ident(c.collname)"
         "  FROM pg_collation c JOIN pg_namespace cn ON cn.oid = c.collnamespace WHERE c.oid = t.typcollation) END AS collation,"
         " pg_get_expr(t.typdefaultbin, 0) AS \"default\", nullif(t.typnotnull, false) AS not_null,"
         " pg_get_userbyid(t.typowner)::text AS owner"
         " FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_type b ON b.oid = t.typbasetype"
         " WHERE t.typtype = 'd' AND " +
         user_schema("n");
}

std::string address(const ObjectId& id) {
  return support::qualified(id.path[0], id.path[1]);
}

Steps create(const Object& object, const Context&) {
  std::string sql = "CREATE DOMAIN " + address(object.id) + " AS " + object.get(keys::kType);
  if (object.has(keys::kCollation)) sql += " COLLATE " + object.get(keys::kCollation);
  if (object.has(keys::kDefault)) sql += " DEFAULT " + object.get(keys::kDefault);
  if (object.get(keys::kNotNull)) sql += " NOT NULL";
  return {recipes::step_for(object, "create " + catalog::to_string(object.id), {sql})};
}

// A check has no block of its own, so its comment is inline.
std::string declare_constraint(const Object& constraint) {
  const std::string& name = constraint.id.path[2];
  std::string text = " check ";
  if (!is_placeholder(name)) text += support::quote_identifier(name) + " ";
  text += "(" + constraint.get(keys::kExpression) + ")";
  return constraint.has(keys::kValid) && !constraint.get(keys::kValid) ? text + " not valid" : text;
}

std::string declare(const Object& object, const Catalog& catalog) {
  std::string text = "domain " + support::quote_identifier(object.id.path[1]) + " as " + object.get(keys::kType);
  if (object.has(keys::kCollation)) text += " collate " + object.get(keys::kCollation);
  if (object.has(keys::kDefault)) text += " default " + object.get(keys::kDefault);
  if (object.get(keys::kNotNull)) text += " not null";
  const auto index = catalog.index_of(object.id);
  if (!index) return text;
  for (const auto child : catalog.children(*index)) {
    if (catalog.at(child).id.is(kDomainConstraint.tag)) {
      text += declare_constraint(catalog.at(child)) + declared_inline(catalog.at(child).id, catalog);
    }
  }
  return text;
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_steps(from, to, alter(kDomain, from) + " RENAME TO " + support::quote_identifier(to.path[1]));
}

}  // namespace
}  // namespace domain

constinit const KindSpec kDomain{
    .tag = {"domain"},
    .keyword = "DOMAIN",
    .introspect = domain::introspect,
    .attributes = domain::kAttributes,
    .create = domain::create,
    .address = domain::address,
    .declare = domain::declare,
    .rename = domain::rename,
    .grant_keyword = "DOMAIN",
    .joins_clauses = false,
};

}  // namespace lockstep::kinds
