// Column of a view, materialized view or foreign table. Its name and type follow from the relation's definition. It is an
// object so that comments and grants have a target, so that a view's column can have a default, and so that a column with rows
// or statistics can have the same storage settings as a table's column.
#include <algorithm>

#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/printing/plain_steps.h"
#include "kinds/relations/relation_sql.h"
#include "recipes/column_settings.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace view_column {
namespace {

std::string introspect(int version) {
  return R"(SELECT 'pg_class'::regclass::oid, c.oid, a.attnum::integer, 'pg_class'::regclass::oid, c.oid, 0, a.attname, NULL::text,
  CASE WHEN c.relkind = 'v' THEN pg_get_expr(d.adbin, d.adrelid) END AS "default",
)" + column_settings_sql(version, "a.attinhcount = 0") +
         R"(,
  a.attnum::bigint AS position
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind IN ('v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped AND )" +
         user_schema("n");
}

// Created and dropped with its relation; a new column of an existing view is created by the view's replacement.
Steps create(const Object&, const Context&) {
  return {};
}
Steps drop(const Object&, const Context&) {
  return {};
}

// ALTER TABLE works for a column of any relation, whatever its kind.
std::string alter_column(const ObjectId& id) {
  return "ALTER TABLE " + parent_name(id) + " ALTER COLUMN " + support::quote_identifier(id.path.back());
}

Steps change_default(const Change&, const Object&, const Object& to, const Context&) {
  const std::string action = to.has(keys::kDefault) ? " SET DEFAULT " + to.get(keys::kDefault) : " DROP DEFAULT";
  Step step = alter_step(kViewColumn, to, "default", {alter_column(to.id) + action});
  step.lock = plan::LockMode::access_exclusive;
  return {std::move(step)};
}

// Existing rows keep their storage until they are written again.
Steps change_settings(const Change& change, const Object& from, const Object& to, const Context& context) {
  const auto changed = [&](std::string_view name) {
    return std::any_of(change.attributes.begin(), change.attributes.end(),
                       [&](const auto& item) { return item.attribute == name; });
  };
  std::vector<std::string> clauses;
  if (changed(keys::kStorage.name))
    clauses.push_back(recipes::storage_clause(from.get(keys::kStorage), to.get(keys::kStorage), context.server_version));
  if (changed(keys::kCompression.name)) clauses.push_back(recipes::compression_clause(to.get(keys::kCompression)));
  if (changed(keys::kStatistics.name)) {
    const auto target = to.has(keys::kStatistics) ? std::optional(to.get(keys::kStatistics)) : std::nullopt;
    clauses.push_back(recipes::statistics_clause(target));
  }
  if (changed(keys::kOptions.name)) {
    for (auto& clause : recipes::option_clauses(from.get(keys::kOptions), to.get(keys::kOptions)))
      clauses.push_back(std::move(clause));
  }
  Step step = alter_step(kViewColumn, to, "storage settings", {});
  for (const auto& clause : clauses) step.sql.push_back(alter_column(to.id) + " " + clause);
  const bool rows = changed(keys::kStorage.name) || changed(keys::kCompression.name);
  step.lock = rows ? plan::LockMode::access_exclusive : plan::LockMode::share_update_exclusive;
  return {std::move(step)};
}

std::string declare(const Object& object, const Catalog& catalog) {
  const auto index = catalog.index_of(object.id);
  const bool has_satellites = index && !catalog.children(*index).empty();
  const std::string settings = declared_settings(object);
  if (settings.empty() && !object.has(keys::kDefault) && !has_satellites) return {};
  std::string text = "column " + own_name(object) + settings;
  if (object.has(keys::kDefault)) text += " default " + object.get(keys::kDefault);
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
    {.name = keys::kDefault.name, .expression = true, .recipe = change_default},
    {.name = keys::kStorage.name, .recipe = change_settings},
    {.name = keys::kCompression.name, .recipe = change_settings},
    {.name = keys::kStatistics.name, .type = ValueType::integer, .recipe = change_settings},
    {.name = keys::kOptions.name, .type = ValueType::list, .recipe = change_settings},
    {.name = keys::kPosition.name, .type = ValueType::integer, .derived = true},
};

}  // namespace
}  // namespace view_column

constinit const KindSpec kViewColumn{
    .tag = {"view_column"},
    .keyword = "COLUMN",
    .introspect = view_column::introspect,
    .attributes = view_column::kAttributes,
    .create = view_column::create,
    .drop = view_column::drop,
    .address = [](const ObjectId& id) { return support::qualified(id.path); },
    .declare = view_column::declare,
    .rename = view_column::rename,
    .grant_keyword = "COLUMN",
    .joins_clauses = false,
    .comment_inline = true,
    .made_with_parent = true,
};

}  // namespace lockstep::kinds
