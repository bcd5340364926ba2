// Extended statistics object. Its kinds, columns and expressions can't be altered: a changed definition is drop + create,
// which loses only what the next ANALYZE gathers again.
#include "kinds/introspect_sql.h"
#include "kinds/kinds_list.h"
#include "kinds/plain_steps.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

namespace {

constexpr Attr<std::string> kDefinition{"definition"};
constexpr Attr<std::int64_t> kTarget{"target"};

std::string introspect(int) {
  return R"(SELECT 'pg_statistic_ext'::regclass::oid, s.oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, s.stxname, NULL::text,
  substr(pg_get_statisticsobjdef(s.oid),
    1 + length('CREATE STATISTICS ' || quote_ident(n.nspname) || '.' || quote_ident(s.stxname) || ' ')) AS definition,
  NULLIF(s.stxstattarget, -1)::bigint AS target,
  pg_get_userbyid(s.stxowner)::text AS owner
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
WHERE )" +
         user_schema("n");
}

// -1 is the default in every version, also where the catalog stores it as null (17 on).
std::string target_clause(const Object& to) {
  return "SET STATISTICS " + std::to_string(to.has(kTarget) ? to.get(kTarget) : -1);
}

Steps create(const Object& object, const Context& context) {
  Step step = create_step(kStatistics, object, context,
                          "CREATE STATISTICS " + support::qualified(object.id.path) + " " + object.get(kDefinition));
  if (object.has(kTarget)) step.sql.push_back(alter(kStatistics, object.id) + " " + target_clause(object));
  step.lock = plan::LockMode::share_update_exclusive;
  return {std::move(step)};
}

// No statement of an application names one: nothing breaks but estimates.
Steps drop(const Object& object, const Context& context) {
  return {drop_step(kStatistics, object, context, plan::LockMode::share_update_exclusive, {})};
}

// The target stands before the definition, which is raw text to its end.
std::string declare(const Object& object, const Catalog&) {
  const std::string target = object.has(kTarget) ? " target " + std::to_string(object.get(kTarget)) : "";
  return "statistics " + own_name(object) + target + " " + object.get(kDefinition);
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_object(kStatistics, from, to, plan::LockMode::none, {});
}

constexpr AttrSpec kAttributes[] = {
    {.name = "definition", .expression = true},
    {.name = "target", .type = ValueType::integer, .clause = target_clause},
    kOwnerAttribute,
};

}  // namespace

constinit const KindSpec kStatistics{
    .tag = {"statistics"},
    .keyword = "STATISTICS",
    .introspect = introspect,
    .attributes = kAttributes,
    .create = create,
    .drop = drop,
    .address = [](const ObjectId& id) { return support::qualified(id.path); },
    .declare = declare,
    .rename = rename,
    .joins_clauses = false,
};

}  // namespace lockstep::kinds
