// Materialized view: a query and its stored result. A changed query means drop and create (its indexes are children and are
// built again). The result is derived data, so a drop loses nothing that the files can't restore, but filling it takes time.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/printing/option_list.h"
#include "kinds/printing/plain_steps.h"
#include "kinds/relations/view_sql.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace materialized_view {
namespace {

std::string introspect(int) {
  return R"(SELECT 'pg_class'::regclass::oid, c.oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, c.relname, NULL::text,
  )" + view_query_sql("c") +
         R"( AS query,
  (SELECT array_agg(o ORDER BY o) FROM (SELECT unnest(c.reloptions)
      UNION ALL SELECT 'toast.' || unnest(t.reloptions)) x (o)) AS options,
  s.spcname::text AS tablespace,
  NULLIF(m.amname, 'heap')::text AS access_method,
  CASE WHEN NOT c.relispopulated THEN true END AS unpopulated,
  )" + relation_columns_sql("c") +
         R"( AS columns,
  pg_get_userbyid(c.relowner)::text AS owner
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
LEFT JOIN pg_am m ON m.oid = c.relam
WHERE c.relkind = 'm' AND )" +
         user_schema("n");
}

// The size of the tables that its query reads: the minimal cost of filling it.
std::int64_t bytes_read(const Object& object, const Context& context) {
  std::int64_t total = 0;
  const auto index = context.to.index_of(object.id);
  if (!index) return 0;
  std::set<catalog::Index> seen;
  for (const auto& edge : context.to.edges_from(*index)) {
    const auto relation = context.to.root(edge.referenced);
    if (seen.insert(relation).second) total += context.bytes(context.to.at(relation).id);
  }
  return total;
}

Steps create(const Object& object, const Context& context) {
  const bool fill = !object.get(keys::kUnpopulated);
  std::string sql = "CREATE MATERIALIZED VIEW " + support::qualified(object.id.path);
  if (object.has(keys::kAccessMethod)) sql += " USING " + support::quote_identifier(object.get(keys::kAccessMethod));
  if (const auto options = object.get(keys::kOptions); !options.empty()) sql += " WITH (" + options_text(options) + ")";
  if (object.has(keys::kTablespace)) sql += " TABLESPACE " + support::quote_identifier(object.get(keys::kTablespace));
  sql += " AS\n" + object.get(keys::kQuery) + (fill ? "\nWITH DATA" : "\nWITH NO DATA");
  Step step = create_step(kMaterializedView, object, context, std::move(sql));
  step.lock = plan::LockMode::access_share;
  if (fill) {
    step.title += " and fill it (runs its query)";
    step.scans = true;
    step.bytes = bytes_read(object, context);
  }
  produce_absorbed(step, object.id, context);
  return {std::move(step)};
}

Steps drop(const Object& object, const Context& context) {
  return {drop_step(kMaterializedView, object, context, plan::LockMode::access_exclusive,
                    "statements that read materialized view " + support::join(object.id.path, ".") + " fail: it does not exist")};
}

std::string declare(const Object& object, const Catalog&) {
  std::string text = "materialized view " + own_name(object);
  if (object.has(keys::kAccessMethod)) text += " using " + support::quote_identifier(object.get(keys::kAccessMethod));
  if (const auto options = object.get(keys::kOptions); !options.empty()) text += " with (" + options_text(options) + ")";
  if (object.has(keys::kTablespace)) text += " tablespace " + support::quote_identifier(object.get(keys::kTablespace));
  text += " as " + support::dollar_quote("\n" + object.get(keys::kQuery) + "\n");
  if (object.get(keys::kUnpopulated)) text += " with no data";
  return text;
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_object(kMaterializedView, from, to, plan::LockMode::access_exclusive,
                       "statements that name materialized view " + support::join(from.path, ".") + " fail: it does not exist");
}

Steps change_options(const Change&, const Object& from, const Object& to, const Context&) {
  std::vector<std::string> sql;
  for (const auto& action : option_actions(from.get(keys::kOptions), to.get(keys::kOptions))) {
    sql.push_back(alter(kMaterializedView, to.id) + " " + action);
  }
  Step step = alter_step(kMaterializedView, to, "storage parameters", std::move(sql));
  step.lock = plan::LockMode::share_update_exclusive;
  return {std::move(step)};
}

// Absent means the database's default tablespace, which the catalog doesn't name; pg_default represents it here.
Steps move(const Change&, const Object&, const Object& to, const Context& context) {
  const std::string tablespace = to.has(keys::kTablespace) ? to.get(keys::kTablespace) : "pg_default";
  Step step = alter_step(kMaterializedView, to, "move to tablespace " + tablespace,
                         {alter(kMaterializedView, to.id) + " SET TABLESPACE " + support::quote_identifier(tablespace)});
  step.phase = plan::Phase::migrate;
  step.lock = plan::LockMode::access_exclusive;
  step.rewrites = true;
  step.bytes = context.bytes(to.id);
  return {std::move(step)};
}

// `unpopulated` states only how the view is first created: a REFRESH afterwards is use, not drift.
constexpr AttrSpec kAttributes[] = {
    {.name = keys::kQuery.name, .expression = true},
    {.name = keys::kOptions.name, .type = ValueType::list, .recipe = change_options},
    {.name = keys::kTablespace.name, .recipe = move},
    {.name = keys::kAccessMethod.name},
    {.name = keys::kUnpopulated.name, .type = ValueType::boolean, .derived = true},
    {.name = keys::kColumns.name, .type = ValueType::list, .derived = true},
    kOwnerAttribute,
};

}  // namespace
}  // namespace materialized_view

constinit const KindSpec kMaterializedView{
    .tag = {"materialized_view"},
    .keyword = "MATERIALIZED VIEW",
    .introspect = materialized_view::introspect,
    .attributes = materialized_view::kAttributes,
    .create = materialized_view::create,
    .drop = materialized_view::drop,
    .address = [](const ObjectId& id) { return support::qualified(id.path); },
    .declare = materialized_view::declare,
    .rename = materialized_view::rename,
    .grant_keyword = "TABLE",
    .joins_clauses = false,
    .name_scope = NameScope::relations,
};

}  // namespace lockstep::kinds
