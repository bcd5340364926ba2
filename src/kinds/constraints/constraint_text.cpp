#include "kinds/constraints/constraint_text.h"

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/registry.h"
#include "recipes/arbiter.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

using support::quote_identifier;

std::string constraint_address(const ObjectId& id) {
  return quote_identifier(id.path[2]) + " ON " + recipes::relation_name(id);
}

std::string constraint_name(const ObjectId& id) {
  return is_placeholder(id.path[2]) ? "" : id.path[2];
}

std::string declared_constraint(const ObjectId& id, std::string_view words) {
  const std::string name = constraint_name(id);
  return std::string(words) + (name.empty() ? "" : " " + quote_identifier(name));
}

Steps drop_constraint(const Object& constraint, const Context&) {
  Step step;
  step.title = "drop " + catalog::to_string(constraint.id);
  step.sql = {"ALTER TABLE " + recipes::relation_name(constraint.id) + " DROP CONSTRAINT " +
              quote_identifier(constraint.id.path[2])};
  step.phase = plan::Phase::contract;
  step.lock = plan::LockMode::access_exclusive;
  step.destroys = {constraint.id};
  return {step};
}

Steps drop_arbiter(const Object& constraint, const Context& context) {
  Steps steps = drop_constraint(constraint, context);
  steps.front().awaits = recipes::takes_over(constraint, context);
  const List columns = constraint.get(keys::kColumns);
  const std::string table = recipes::relation_name(constraint.id);
  steps.front().breaking = "INSERT … ON CONFLICT" + (columns.empty() ? "" : " (" + support::identifier_list(columns) + ")") +
                           " on " + table + " fails, and rows that it refused are let in";
  if (constraint.id.is(kPrimaryKey.tag))
    steps.front().breaking +=
        "; where " + table + " is published, its UPDATEs and DELETEs fail unless it has another replica identity";
  return steps;
}

Steps rename_constraint(const ObjectId& from, const ObjectId& to, const Context&) {
  Step step;
  step.sql = {"ALTER TABLE " + recipes::relation_name(from) + " RENAME CONSTRAINT " + quote_identifier(from.path[2]) + " TO " +
              quote_identifier(to.path[2])};
  step.lock = plan::LockMode::access_exclusive;
  step.produces = {to};
  return {step};
}

std::string deferrable_sql(const Object& constraint) {
  const auto text = constraint.get(keys::kDeferrable);
  if (text.empty()) return {};
  return text == "deferrable" ? " DEFERRABLE" : " DEFERRABLE INITIALLY DEFERRED";
}

bool is_enforced(const Object& constraint) {
  return !constraint.has(keys::kEnforced) || constraint.get(keys::kEnforced);
}

std::string enforced_column(int server_version) {
  constexpr int kEnforcedFrom = 180000;
  return (server_version >= kEnforcedFrom ? "nullif(con.conenforced, true)" : std::string("NULL::bool")) + " AS enforced";
}

std::string declared_validity(const Object& constraint) {
  if (!is_enforced(constraint)) return " not enforced";
  return constraint.has(keys::kValid) ? " not valid" : "";
}

std::string constraint_source(char type) {
  return std::string(
             " FROM pg_catalog.pg_constraint con JOIN pg_catalog.pg_class c ON c.oid = con.conrelid JOIN pg_catalog.pg_namespace "
             "n ON n.oid = c.relnamespace "
             "WHERE con.contype = '") +
         type +
         "' AND con.conparentid = 0 AND (con.conislocal AND NOT (c.relispartition AND con.coninhcount > 0) OR con.coninhcount = "
         "0) AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND " +
         user_schema("n");
}

}  // namespace lockstep::kinds
