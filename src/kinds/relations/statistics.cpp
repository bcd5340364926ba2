// Extended statistics object. Its kinds, columns and expressions can't be altered: a changed definition is drop and create,
// which loses only what the next ANALYZE gathers again.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/printing/plain_steps.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace statistics {
namespace {

constexpr Attr<std::int64_t> kTarget{"target"};

// The columns are a set. PostgreSQL prints them in the table's column order, which differs between an altered table and a newly
// created one, so they are sorted by name here. The expressions follow in their own order.
std::string introspect(int server_version) {
  constexpr int kExpressionsFrom = 140000;
  const std::string expressions = server_version < kExpressionsFrom
                                      ? "NULL::text[]"
                                      : "ARRAY(SELECT '(' || x.text || ')' FROM "
                                        "unnest(pg_get_statisticsobjdef_expressions(s.oid)) WITH ORDINALITY x(text, i) "
                                        "ORDER BY x.i)";
  return R"(SELECT 'pg_statistic_ext'::regclass::oid, s.oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, s.stxname, NULL::text,
  CASE WHEN stxkind @> '{d,f,m}' OR cardinality(stxkeys::int2[]) + coalesce(cardinality(e.expressions), 0) < 2 THEN ''
    ELSE '(' || concat_ws(', ', CASE WHEN 'd' = ANY (stxkind) THEN 'ndistinct' END,
      CASE WHEN 'f' = ANY (stxkind) THEN 'dependencies' END, CASE WHEN 'm' = ANY (stxkind) THEN 'mcv' END) || ') ' END
  || 'ON ' || concat_ws(', ', (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) FROM pg_attribute a
      WHERE a.attrelid = s.stxrelid AND a.attnum = ANY (s.stxkeys::int2[])), nullif(array_to_string(e.expressions, ', '), ''))
  || ' FROM ' || s.stxrelid::regclass::text AS definition,
  NULLIF(s.stxstattarget, -1)::bigint AS target,
  pg_get_userbyid(s.stxowner)::text AS owner
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
CROSS JOIN LATERAL (SELECT )" +
         expressions + R"( AS expressions) e
WHERE )" +
         user_schema("n");
}

// -1 is the default in every version, also if the catalog stores null for it (17 or later).
std::string target_clause(const Object& to) {
  return "SET STATISTICS " + std::to_string(to.has(kTarget) ? to.get(kTarget) : -1);
}

Steps create(const Object& object, const Context& context) {
  Step step = create_step(kStatistics, object, context,
                          "CREATE STATISTICS " + support::qualified(object.id.path) + " " + object.get(keys::kDefinition));
  if (object.has(kTarget)) step.sql.push_back(alter(kStatistics, object.id) + " " + target_clause(object));
  step.lock = plan::LockMode::share_update_exclusive;
  return {std::move(step)};
}

// No statement of an application names one: only estimates change.
Steps drop(const Object& object, const Context& context) {
  return {drop_step(kStatistics, object, context, plan::LockMode::share_update_exclusive, {})};
}

// The target precedes the definition, which is raw text up to its end.
std::string declare(const Object& object, const Catalog&) {
  const std::string target = object.has(kTarget) ? " target " + std::to_string(object.get(kTarget)) : "";
  return "statistics " + own_name(object) + target + " " + object.get(keys::kDefinition);
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_object(kStatistics, from, to, plan::LockMode::none, {});
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kDefinition.name, .expression = true},
    {.name = kTarget.name, .type = ValueType::integer, .clause = target_clause},
    kOwnerAttribute,
};

}  // namespace
}  // namespace statistics

constinit const KindSpec kStatistics{
    .tag = {"statistics"},
    .keyword = "STATISTICS",
    .introspect = statistics::introspect,
    .attributes = statistics::kAttributes,
    .create = statistics::create,
    .drop = statistics::drop,
    .address = [](const ObjectId& id) { return support::qualified(id.path); },
    .declare = statistics::declare,
    .rename = statistics::rename,
    .joins_clauses = false,
    .refers_only = true,
};

}  // namespace lockstep::kinds
