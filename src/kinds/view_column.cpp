// Column of a view, materialized view or foreign table. Its name and type follow from the relation's own definition; it is an
// object so that comments and grants have a target, and so that a view's column can have a default.
#include "kinds/introspect_sql.h"
#include "kinds/kinds_list.h"
#include "kinds/plain_steps.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

namespace {

constexpr Attr<std::string> kDefault{"default"};

std::string introspect(int) {
  return R"(SELECT 'pg_class'::regclass::oid, c.oid, a.attnum::integer, 'pg_class'::regclass::oid, c.oid, 0, a.attname, NULL::text,
  CASE WHEN c.relkind = 'v' THEN pg_get_expr(d.adbin, d.adrelid) END AS "default",
  a.attnum::bigint AS position
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind IN ('v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped AND )" +
         user_schema("n");
}

// Made and dropped with its relation; one that appears on a view that stands came with the view's own replacement.
Steps create(const Object&, const Context&) {
  return {};
}
Steps drop(const Object&, const Context&) {
  return {};
}

// ALTER TABLE names a column of any relation, whatever its kind.
std::string alter_column(const ObjectId& id) {
  return "ALTER TABLE " + parent_name(id) + " ALTER COLUMN " + support::quote_identifier(id.path.back());
}

Steps change_default(const Change&, const Object&, const Object& to, const Context&) {
  const std::string action = to.has(kDefault) ? " SET DEFAULT " + to.get(kDefault) : " DROP DEFAULT";
  Step step = alter_step(kViewColumn, to, "default", {alter_column(to.id) + action});
  step.lock = plan::LockMode::access_exclusive;
  return {std::move(step)};
}

std::string declare(const Object& object, const Catalog& catalog) {
  const auto index = catalog.index_of(object.id);
  const bool said_of_it = index && !catalog.children(*index).empty();
  if (!object.has(kDefault) && !said_of_it) return {};
  std::string text = "column " + own_name(object);
  if (object.has(kDefault)) text += " default " + object.get(kDefault);
  return text;
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  Step step;
  step.phase = plan::Phase::contract;
  step.title = "rename " + described(kViewColumn, from) + " to " + to.path.back();
  step.sql = {"ALTER TABLE " + parent_name(from) + " RENAME COLUMN " + support::quote_identifier(from.path.back()) + " TO " +
              support::quote_identifier(to.path.back())};
  step.lock = plan::LockMode::access_exclusive;
  step.produces = {to};
  step.destroys = {from};
  step.breaking = "statements that name column " + support::join(from.path, ".") + " fail: it does not exist";
  return {std::move(step)};
}

constexpr AttrSpec kAttributes[] = {
    {.name = "default", .expression = true, .recipe = change_default},
    {.name = "position", .type = ValueType::integer, .derived = true},
};

}  // namespace

constinit const KindSpec kViewColumn{
    .tag = {"view_column"},
    .keyword = "COLUMN",
    .introspect = introspect,
    .attributes = kAttributes,
    .create = create,
    .drop = drop,
    .address = [](const ObjectId& id) { return support::qualified(id.path); },
    .declare = declare,
    .rename = rename,
    .grant_keyword = "COLUMN",
    .joins_clauses = false,
    .absorbed = true,
};

}  // namespace lockstep::kinds
