// CHECK constraints of tables.
#include "catalog/keys.h"
#include "kinds/constraints/constraint_text.h"
#include "kinds/kinds_list.h"
#include "kinds/relations/relation_sql.h"
#include "recipes/conversion.h"
#include "recipes/relation.h"
#include "recipes/revalidate.h"
#include "recipes/row_check.h"
#include "recipes/validate.h"

namespace lockstep::kinds {
namespace check {
namespace {

constexpr Attr<bool> kNoInherit{"no_inherit"};

std::string introspect(int version) {
  return "SELECT " + address_columns("pg_constraint", "con.oid", "0", "pg_class", "con.conrelid") +
         "con.conname AS name, NULL::text AS key, pg_catalog.pg_get_expr(con.conbin, con.conrelid) AS expression, "
         "nullif(con.connoinherit, false) AS "
         "no_inherit, nullif(con.convalidated, true) AS valid, " +
         enforced_column(version) + constraint_source('c');
}

// The columns that it uses, from pg_depend; empty if it is only declared, since its table is new or it is being elaborated.
std::vector<std::string> columns_of(const Object& check, const Catalog& catalog) {
  std::vector<std::string> columns;
  for (const auto& edge : catalog.edges_from(*catalog.index_of(check.id))) {
    const Object& other = catalog.at(edge.referenced);
    if (other.id.is(kColumn.tag)) columns.push_back(other.id.path[2]);
  }
  return columns;
}

std::string definition(const Object& check) {
  return "CHECK (" + check.get(keys::kExpression) + ")" + (check.get(kNoInherit) ? " NO INHERIT" : "") +
         (is_enforced(check) ? "" : " NOT ENFORCED");
}

Steps create(const Object& check, const Context& context) {
  const ObjectId relation = recipes::relation_of(check.id);
  const std::string table = recipes::relation_name(check.id);
  const std::string expression = check.get(keys::kExpression);
  recipes::NewConstraint what;
  what.name = constraint_name(check.id);
  what.definition = definition(check);
  what.lock = plan::LockMode::access_exclusive;
  what.columns = columns_of(check, context.to);
  what.validated = !check.has(keys::kValid);
  what.enforced = is_enforced(check);
  const bool known = recipes::has_now(context, relation, what.columns) &&
                     !recipes::is_converted(relation, what.columns, context);  // the change checks the new values
  what.check = recipes::row_check(relation, "every row of " + table + " satisfies CHECK (" + expression + ")",
                                  "NOT (" + expression + ")", true, context);
  what.check.upfront = known;
  return recipes::add_constraint(check, what, context.online(relation), context);
}

Steps change_valid(const Change&, const Object&, const Object& to, const Context& context) {
  if (to.has(keys::kValid)) return {recipes::unvalidate(to, definition(to))};
  return {recipes::validate_constraint(to, context)};
}

std::string declare(const Object& check, const Catalog&) {
  return declared_constraint(check.id, "check") + " (" + check.get(keys::kExpression) + ")" +
         (check.get(kNoInherit) ? " no inherit" : "") + declared_validity(check);
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kExpression.name, .expression = true},
    {.name = kNoInherit.name, .type = ValueType::boolean},
    {.name = keys::kValid.name, .type = ValueType::boolean, .recipe = change_valid},
    {.name = keys::kEnforced.name, .type = ValueType::boolean},
};

}  // namespace
}  // namespace check

constinit const KindSpec kCheck{
    .tag = {"check"},
    .keyword = "CONSTRAINT",
    .introspect = check::introspect,
    .attributes = check::kAttributes,
    .create = check::create,
    .drop = drop_constraint,
    .address = constraint_address,
    .declare = check::declare,
    .rename = rename_constraint,
    .refers_only = true,
    .renamed_when_alike = true,
};

}  // namespace lockstep::kinds
