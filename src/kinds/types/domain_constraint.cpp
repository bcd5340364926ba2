// CHECK constraints of domains. On a domain that is in use: added NOT VALID, which reads nothing, then validated in a
// transaction of its own. Validation scans every table with a column of the domain, under SHARE.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/recreation/dependents.h"
#include "kinds/values/values_tried.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace domain_constraint {
namespace {

bool valid(const Object& object) {
  return !object.has(keys::kValid) || object.get(keys::kValid);
}

std::string alter_domain(const ObjectId& id) {
  return "ALTER DOMAIN " + support::qualified(id.path[0], id.path[1]) + " ";
}

std::string name(const ObjectId& id) {
  return support::quote_identifier(id.path[2]);
}

std::string add(const Object& object, bool validated) {
  std::string sql = alter_domain(object.id) + "ADD ";
  if (!is_placeholder(object.id.path[2])) sql += "CONSTRAINT " + name(object.id) + " ";
  return sql + "CHECK (" + object.get(keys::kExpression) + ")" + (validated ? "" : " NOT VALID");
}

Step validation(const Object& object, const Context& context) {
  Step step = recipes::step_for(object, "validate " + catalog::to_string(object.id),
                                {alter_domain(object.id) + "VALIDATE CONSTRAINT " + name(object.id)});
  step.phase = plan::Phase::migrate;
  step.lock = plan::LockMode::share;
  step.scans = true;
  for (const Object* column : stored_columns(*object.parent, context)) step.bytes += context.bytes(relation_of(*column));
  step.checks = values_obey(object, context);
  return step;
}

Step tighten(const Object& object, std::vector<std::string> sql) {
  Step step = recipes::step_for(object, "add " + catalog::to_string(object.id), std::move(sql));
  step.phase = plan::Phase::contract;
  step.breaking = "statements that store a value in " + catalog::to_string(*object.parent) + " against it fail";
  return step;
}

Steps create(const Object& object, const Context& context) {
  if (context.is_new(*object.parent))
    return {recipes::step_for(object, "add " + catalog::to_string(object.id), {add(object, valid(object))})};
  Steps steps = {tighten(object, {add(object, false)})};
  if (valid(object)) steps.push_back(validation(object, context));
  return steps;
}

Steps validity(const Change&, const Object&, const Object& to, const Context& context) {
  if (valid(to)) return {validation(to, context)};
  return {recipes::step_for(to, "leave " + catalog::to_string(to.id) + " unvalidated",
                            {alter_domain(to.id) + "DROP CONSTRAINT " + name(to.id), add(to, false)})};
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kExpression.name, .expression = true},
    {.name = keys::kValid.name, .type = ValueType::boolean, .recipe = validity},
};

std::string introspect(int) {
  return "SELECT 'pg_constraint'::regclass::oid, c.oid, 0, 'pg_type'::regclass::oid, c.contypid, 0, c.conname::text, NULL::text,"
         " pg_get_expr(c.conbin, 0) AS expression, nullif(c.convalidated, true) AS valid"
         " FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace WHERE c.contypid <> 0 AND c.contype = 'c' AND " +
         user_schema("n");
}

std::string address(const ObjectId& id) {
  return name(id) + " ON DOMAIN " + support::qualified(id.path[0], id.path[1]);
}

Steps drop(const Object& object, const Context&) {
  Step step;
  step.title = "drop " + catalog::to_string(object.id);
  step.sql = {alter_domain(object.id) + "DROP CONSTRAINT " + name(object.id)};
  step.destroys = {object.id};
  return {std::move(step)};
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  Steps steps = rename_steps(from, to, alter_domain(from) + "RENAME CONSTRAINT " + name(from) + " TO " + name(to));
  steps.front().phase = plan::Phase::expand;  // no statement names it
  steps.front().breaking.clear();
  return steps;
}

}  // namespace
}  // namespace domain_constraint

constinit const KindSpec kDomainConstraint{
    .tag = {"domain_constraint"},
    .keyword = "CONSTRAINT",
    .introspect = domain_constraint::introspect,
    .attributes = domain_constraint::kAttributes,
    .create = domain_constraint::create,
    .drop = domain_constraint::drop,
    .address = domain_constraint::address,
    .rename = domain_constraint::rename,
    .renamed_when_alike = true,
};

}  // namespace lockstep::kinds
