// What a partition or an inheritance child declares for itself about an inherited column: its own default (or none if the
// parent has one), NOT NULL if no parent has it, storage, compression, statistics, options. It is an object below that column
// and exists only if something differs from the parent; everything else about the column is the parent's (docs/adr/0004).
//
// A setting that equals PostgreSQL's default states nothing: new partitions don't get their parent's statistics target, and a
// compression that was never set is not a choice.
#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/relations/relation_sql.h"
#include "recipes/descendants.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace overrides {
namespace {

// Finds candidates first, by plain comparisons with each parent: there may be thousands of partitions, and few have an
// override.
std::string introspect(int) {
  return "SELECT CASE WHEN own IS NULL THEN 0::pg_catalog.oid ELSE 'pg_catalog.pg_attrdef'::pg_catalog.regclass::pg_catalog.oid "
         "END AS class, coalesce(attrdef, 0) AS object, 0 AS sub, 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid AS "
         "parent_class, attrelid AS parent_object, attnum::pg_catalog.int4 AS parent_sub, NULL::text AS name, NULL::text AS key, "
         R"sql(
  own AS "default", no_default, not_null, storage, compression, statistics, options
FROM (
  SELECT a.attrelid, a.attnum, d.oid AS attrdef,
    CASE WHEN v.given IS DISTINCT FROM v.inherited THEN v.given END AS own,
    CASE WHEN v.given IS NULL AND v.inherited IS NOT NULL THEN true END AS no_default,
    CASE WHEN a.attnotnull AND NOT p.attnotnull THEN true END AS not_null,
    CASE WHEN a.attstorage <> p.attstorage THEN CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN
      'main' ELSE 'extended' END END AS storage,
    CASE WHEN a.attcompression <> p.attcompression THEN CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END END
      AS compression,
    CASE WHEN a.attstattarget >= 0 AND a.attstattarget IS DISTINCT FROM p.attstattarget THEN a.attstattarget::bigint END
      AS statistics,
    (SELECT pg_catalog.array_agg(o ORDER BY o) FROM pg_catalog.unnest(a.attoptions::text[]) o WHERE o NOT LIKE 'pg\_attver=%')
      AS options
  FROM (
    SELECT a.attrelid AS oid, a.attnum AS num
    FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relkind IN ('r', 'p')
      AND c.relpersistence <> 't' AND c.reloftype = 0
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attinhcount > 0
      AND (NOT a.attislocal OR c.relispartition)
    JOIN pg_catalog.pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname AND NOT p.attisdropped
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    LEFT JOIN pg_catalog.pg_attrdef e ON e.adrelid = p.attrelid AND e.adnum = p.attnum
    WHERE (a.attnotnull AND NOT p.attnotnull OR a.attstorage <> p.attstorage OR a.attcompression <> p.attcompression
      OR a.attstattarget IS DISTINCT FROM p.attstattarget
      OR pg_catalog.cardinality(a.attoptions) > 1 OR a.attoptions[1] NOT LIKE 'pg\_attver=%'
      OR a.attgenerated = '' AND d.adbin IS DISTINCT FROM e.adbin
        AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) IS DISTINCT FROM pg_catalog.pg_get_expr(e.adbin, e.adrelid)) AND )sql" +
         user_schema("n") + R"sql(
    GROUP BY a.attrelid, a.attnum
  ) AS candidate
  JOIN pg_catalog.pg_attribute a ON a.attrelid = candidate.oid AND a.attnum = candidate.num
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  CROSS JOIN LATERAL (
    SELECT pg_catalog.bool_or(p.attnotnull) AS attnotnull,
      (pg_catalog.array_agg(p.attstorage ORDER BY i.inhseqno))[1] AS attstorage,
      (pg_catalog.array_agg(p.attcompression ORDER BY i.inhseqno))[1] AS attcompression,
      (pg_catalog.array_agg(p.attstattarget ORDER BY i.inhseqno))[1] AS attstattarget,
      (pg_catalog.array_agg(pg_catalog.pg_get_expr(e.adbin, e.adrelid) ORDER BY i.inhseqno)
        FILTER (WHERE e.oid IS NOT NULL))[1] AS value
    FROM pg_catalog.pg_inherits i
    JOIN pg_catalog.pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname AND NOT p.attisdropped
    LEFT JOIN pg_catalog.pg_attrdef e ON e.adrelid = p.attrelid AND e.adnum = p.attnum AND p.attgenerated = ''
    WHERE i.inhrelid = a.attrelid
  ) AS p
  CROSS JOIN LATERAL (
    SELECT CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END AS given,
      CASE WHEN a.attgenerated = '' AND a.attidentity = '' THEN p.value END AS inherited
  ) AS v
) AS descendant
WHERE pg_catalog.num_nonnulls(own, no_default, not_null, storage, compression, statistics, options) > 0)sql";
}

ObjectId column_of(const Object& object) {
  return {&kColumn.tag, object.id.path};
}

std::set<std::string_view> stated(const Object& object) {
  std::set<std::string_view> names;
  for (const auto& item : object.attributes) names.insert(item.first == "no_default" ? keys::kDefault.name : item.first);
  return names;
}

// Whether the column is, or becomes, its table's own. Then the change of the column sets its settings.
bool changes_hands(const Object& object, const Context& context) {
  const Object *before = context.from.find(column_of(object)), *after = context.to.find(column_of(object));
  return before != nullptr && after != nullptr && is_inherited(*before) != is_inherited(*after);
}

Steps create(const Object& object, const Context& context) {
  if (changes_hands(object, context)) return {};
  std::set<std::string_view> what = stated(object);
  // Dropped only for what its default depends on, and recreated: the other settings have not changed.
  if (const Object* before = context.from.find(object.id)) {
    std::erase_if(
        what, [&](std::string_view name) { return name != keys::kDefault.name && before->value(name) == object.value(name); });
  }
  return recipes::say(object, what, "set", context);
}

// Sets everything back to what the parent gives.
Steps drop(const Object& object, const Context& context) {
  if (context.to.contains(object.id)) {
    if (!object.has(keys::kDefault)) return {};
    Step step;
    step.title = "drop default of " + support::qualified(object.id.path);
    step.sql = {"ALTER TABLE " + recipes::relation_name(object.id) + " ALTER COLUMN " +
                support::quote_identifier(object.id.path[2]) + " DROP DEFAULT"};
    for (auto& statement : recipes::say_again(object.id, keys::kDefault.name, context)) step.sql.push_back(std::move(statement));
    step.phase = plan::Phase::contract;
    step.lock = plan::LockMode::access_exclusive;
    step.destroys = {object.id};
    return {std::move(step)};
  }
  if (changes_hands(object, context) || !context.to.contains(column_of(object))) return {};
  std::set<std::string_view> what = stated(object);
  // the parent's NOT NULL applies to all its descendants
  if (recipes::state_of(context.to, object.id).not_null) what.erase("not_null");
  Steps steps = recipes::say(object, what, "set back", context);
  for (Step& step : steps) step.produces.clear();
  return steps;
}

Steps change(const Change& change, const Object&, const Object& to, const Context& context) {
  std::set<std::string_view> what;
  for (const auto& item : change.attributes)
    what.insert(item.attribute == keys::kNoDefault.name ? keys::kDefault.name : item.attribute);
  return recipes::say(to, what, "set", context);
}

std::string address(const ObjectId& id) {
  return support::qualified(id.path);
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kDefault.name, .expression = true, .recipe = change},
    {.name = keys::kNoDefault.name, .type = ValueType::boolean, .recipe = change},
    {.name = keys::kNotNull.name, .type = ValueType::boolean, .recipe = change},
    {.name = keys::kStorage.name, .recipe = change},
    {.name = keys::kCompression.name, .recipe = change},
    {.name = keys::kStatistics.name, .type = ValueType::integer, .recipe = change},
    {.name = keys::kOptions.name, .type = ValueType::list, .recipe = change},
};

}  // namespace
}  // namespace overrides

std::string override_text(const Object& object) {
  std::string out = declared_settings(object);
  if (object.get(keys::kNotNull)) out += " not null";
  if (object.get(keys::kNoDefault)) out += " no default";
  if (object.has(keys::kDefault)) out += " default " + object.get(keys::kDefault);
  return out;
}

constinit const KindSpec kOverride{
    .tag = {"override"},
    .introspect = overrides::introspect,
    .attributes = overrides::kAttributes,
    .create = overrides::create,
    .drop = overrides::drop,
    .address = overrides::address,
};

}  // namespace lockstep::kinds
