// Exclusion constraints. PostgreSQL has no online form: no NOT VALID, no USING INDEX; on a table with rows the index is
// built under ACCESS EXCLUSIVE, and the plan says so (hazard `long-lock`).
#include "catalog/keys.h"
#include "kinds/constraints/constraint_text.h"
#include "kinds/constraints/displaced.h"
#include "kinds/kinds_list.h"
#include "kinds/relations/relation_sql.h"
#include "recipes/relation.h"
#include "recipes/row_probe.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace exclude {
namespace {

std::string introspect(int) {
  const std::string suffix =
      "CASE WHEN con.condeferred THEN ' DEFERRABLE INITIALLY DEFERRED' WHEN con.condeferrable THEN ' DEFERRABLE' ELSE '' END";
  return "SELECT " + address_columns("pg_constraint", "con.oid", "0", "pg_class", "con.conrelid") +
         "con.conname AS name, NULL::text AS key, (SELECT substr(left(d.def, length(d.def) - length(" + suffix +
         ")), length('EXCLUDE ') + 1) FROM (SELECT pg_catalog.pg_get_constraintdef(con.oid) AS def) d) AS definition, "
         "CASE WHEN con.condeferred THEN 'deferrable initially deferred' WHEN con.condeferrable THEN 'deferrable' END AS "
         "deferrable" +
         constraint_source('x');
}

Steps create(const Object& exclude, const Context& context) {
  const std::string name = constraint_name(exclude.id);
  const ObjectId relation = recipes::relation_of(exclude.id);
  Step step = recipes::step_for(exclude, "add " + catalog::to_string(exclude.id),
                                {"ALTER TABLE " + recipes::relation_name(exclude.id) + " ADD " +
                                 (name.empty() ? "" : "CONSTRAINT " + support::quote_identifier(name) + " ") + "EXCLUDE " +
                                 exclude.get(keys::kDefinition) + deferrable_sql(exclude)});
  step.lock = plan::LockMode::access_exclusive;
  step.builds = context.online(relation);
  step.bytes = context.bytes(relation);
  step.checks = recipes::exclusion_tried(exclude, context);
  if (context.online(relation) && step.checks.empty())
    step.title += " (rows that exclude each other are found while it is built, which undoes itself then)";
  if (!context.is_new(relation)) {
    step.phase = plan::Phase::contract;
    step.breaking = "INSERTs and UPDATEs that conflict under " + catalog::to_string(exclude.id) + " fail";
  }
  return {step};
}

std::string declare(const Object& exclude, const Catalog&) {
  return declared_constraint(exclude.id, "exclude") + " " + exclude.get(keys::kDefinition) +
         (exclude.has(keys::kDeferrable) ? " " + exclude.get(keys::kDeferrable) : "");
}

constexpr AttrSpec kAttributes[] = {{.name = keys::kDefinition.name, .expression = true}, {.name = keys::kDeferrable.name}};

}  // namespace
}  // namespace exclude

constinit const KindSpec kExclude{
    .tag = {"exclude"},
    .keyword = "CONSTRAINT",
    .introspect = exclude::introspect,
    .attributes = exclude::kAttributes,
    .create = exclude::create,
    .drop = drop_arbiter,
    .address = constraint_address,
    .declare = exclude::declare,
    .rename = rename_constraint,
    .name_scope = NameScope::relations,
    .renamed_when_alike = true,
    .displaces = displaced_by_index,
};

}  // namespace lockstep::kinds
