// Indexes of tables and materialized views that are not a constraint's and not a partition's share of a parent's index.
#include <map>

#include "kinds/introspect_sql.h"
#include "kinds/kinds_list.h"
#include "kinds/relation_sql.h"
#include "recipes/concurrent_index.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using plan::LockMode;
using plan::Phase;
using support::qualified;
using support::quote_identifier;

constexpr Attr<bool> kUniqueIndex{"unique"}, kClustered{"clustered"}, kValid{"valid"};
constexpr Attr<std::string> kDefinition{"definition"}, kTablespace{"tablespace"};
constexpr Attr<List> kStatisticsTargets{"statistics"};

// pg_get_indexdef starts with words that are known to the letter: what follows them is the definition.
std::string introspect(int) {
  const std::string prefix =
      "length('CREATE ' || CASE WHEN x.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX ' || quote_ident(i.relname) || ' ON ' || "
      "CASE WHEN i.relkind = 'I' "
      "THEN 'ONLY ' ELSE '' END || quote_ident(n.nspname) || '.' || quote_ident(c.relname) || ' ')";
  return "SELECT " + address_columns("pg_class", "i.oid", "0", "pg_class", "c.oid") +
         "i.relname AS name, NULL::text AS key, nullif(x.indisunique, false) AS \"unique\", "
         "substr(pg_catalog.pg_get_indexdef(i.oid), " +
         prefix +
         " + 1) AS definition, ts.spcname AS tablespace, nullif(x.indisclustered, false) AS clustered, CASE WHEN NOT "
         "x.indisvalid THEN false END AS valid, CASE WHEN x.indexprs IS NOT NULL THEN (SELECT array_agg(a.attnum || '=' || "
         "a.attstattarget ORDER "
         "BY a.attnum)::text[] FROM "
         "pg_catalog.pg_attribute a WHERE a.attrelid = i.oid AND a.attstattarget > 0) END AS statistics "
         "FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid JOIN pg_catalog.pg_class c ON c.oid = "
         "x.indrelid "
         "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = "
         "i.reltablespace "
         // Hashed once; as an outer join whose partner is missing the planner expects one row, and walks through all others.
         "WHERE x.indexrelid NOT IN (SELECT con.conindid FROM pg_catalog.pg_constraint con WHERE con.contype IN ('p', 'u', 'x')) "
         "AND NOT i.relispartition AND c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND " +
         user_schema("n");
}

std::string address(const ObjectId& id) {
  return qualified(id.path.front(), id.path.back());
}

// PostgreSQL prints no tablespace in a definition; it stands before WHERE, so it is set by a statement of its own.
std::vector<std::string> settings(const Object& index) {
  std::vector<std::string> sql;
  for (const auto& target : index.get(kStatisticsTargets)) {
    const auto equals = target.find('=');
    sql.push_back("ALTER INDEX " + address(index.id) + " ALTER COLUMN " + target.substr(0, equals) + " SET STATISTICS " +
                  target.substr(equals + 1));
  }
  if (index.get(kClustered)) {
    sql.push_back("ALTER TABLE " + recipes::relation_name(index.id) + " CLUSTER ON " + quote_identifier(index.id.path[2]));
  }
  return sql;
}

Steps create(const Object& index, const Context& context) {
  const ObjectId relation = recipes::relation_of(index.id);
  const bool named = !is_placeholder(index.id.path[2]);
  Steps steps;
  if (named && context.online(relation)) {
    steps = recipes::create_index_concurrently(
        index, relation,
        {.unique = index.get(kUniqueIndex), .name = index.id.path[2], .definition = index.get(kDefinition), .tablespace = {}},
        context);
  } else {
    Step step = recipes::step_for(index, "create " + catalog::to_string(index.id), {});
    step.sql = {std::string("CREATE ") + (index.get(kUniqueIndex) ? "UNIQUE " : "") + "INDEX " +
                (named ? quote_identifier(index.id.path[2]) + " " : "") + "ON " + recipes::relation_name(index.id) + " " +
                index.get(kDefinition)};
    if (!context.is_new(relation)) step.lock = LockMode::share;
    steps.push_back(std::move(step));
  }
  if (index.get(kUniqueIndex) && !context.is_new(relation)) {
    steps.front().phase = Phase::contract;
    steps.front().breaking = "INSERTs and UPDATEs that repeat a value under " + catalog::to_string(index.id) + " fail";
  }
  auto more = settings(index);
  if (index.has(kTablespace))
    more.insert(more.begin(), "ALTER INDEX " + address(index.id) + " SET TABLESPACE " + quote_identifier(index.get(kTablespace)));
  if (!named || more.empty()) return steps;
  if (steps.back().mode == plan::TransactionMode::inside) {
    steps.back().sql.insert(steps.back().sql.end(), more.begin(), more.end());
  } else {
    Step step = recipes::step_for(index, "settings of " + catalog::to_string(index.id), more);
    step.lock = LockMode::access_exclusive;
    steps.push_back(std::move(step));
  }
  return steps;
}

Steps drop(const Object& index, const Context& context) {
  const ObjectId relation = recipes::relation_of(index.id);
  if (context.online(relation) && !recipes::is_partitioned(context.from, relation))
    return recipes::drop_index_concurrently(index);
  Step step;
  step.title = "drop " + catalog::to_string(index.id);
  step.sql = {"DROP INDEX " + address(index.id)};
  step.phase = Phase::contract;
  step.lock = LockMode::access_exclusive;
  step.destroys = {index.id};
  return {step};
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  Step step;
  step.sql = {"ALTER INDEX " + address(from) + " RENAME TO " + quote_identifier(to.path[2])};
  step.lock = LockMode::share_update_exclusive;
  step.produces = {to};
  return {step};
}

// A table is clustered by one index: naming another one is enough to be rid of this one.
bool another_clustered(const Object& index, const Context& context) {
  const auto table = context.to.index_of(recipes::relation_of(index.id));
  if (!table) return false;
  const auto& children = context.to.children(*table);
  return std::any_of(children.begin(), children.end(), [&](const auto child) {
    return context.to.at(child).id != index.id && context.to.at(child).value(kClustered.name) == catalog::Value(true);
  });
}

Steps change_clustered(const Change&, const Object&, const Object& to, const Context& context) {
  if (!to.get(kClustered) && another_clustered(to, context)) return {};
  const std::string alter = "ALTER TABLE " + recipes::relation_name(to.id);
  Step step = recipes::step_for(
      to, to.get(kClustered) ? "cluster by " + catalog::to_string(to.id) : "no longer cluster by " + catalog::to_string(to.id),
      {alter + (to.get(kClustered) ? " CLUSTER ON " + quote_identifier(to.id.path[2]) : " SET WITHOUT CLUSTER")});
  step.lock = LockMode::share_update_exclusive;
  return {step};
}

Steps change_tablespace(const Change&, const Object&, const Object& to, const Context& context) {
  Step step = recipes::step_for(to, "move " + catalog::to_string(to.id),
                                {"ALTER INDEX " + address(to.id) + " SET TABLESPACE " +
                                 quote_identifier(to.has(kTablespace) ? to.get(kTablespace) : "pg_default")});
  step.lock = LockMode::access_exclusive;
  step.builds = true;
  step.bytes = context.bytes(recipes::relation_of(to.id));
  return {step};
}

Steps change_statistics(const Change&, const Object& from, const Object& to, const Context&) {
  std::map<std::string, std::string> targets;
  for (const auto& old : from.get(kStatisticsTargets)) targets[old.substr(0, old.find('='))] = "-1";
  for (const auto& wanted : to.get(kStatisticsTargets))
    targets[wanted.substr(0, wanted.find('='))] = wanted.substr(wanted.find('=') + 1);
  Step step = recipes::step_for(to, "set statistics targets of " + catalog::to_string(to.id), {});
  for (const auto& [column, target] : targets) {
    step.sql.push_back("ALTER INDEX " + address(to.id) + " ALTER COLUMN " + column + " SET STATISTICS " + target);
  }
  step.lock = LockMode::share_update_exclusive;
  return {step};
}

std::string declare(const Object& index, const Catalog&) {
  std::string text = index.get(kUniqueIndex) ? "unique index" : "index";
  if (!is_placeholder(index.id.path[2])) text += " " + quote_identifier(index.id.path[2]);
  constexpr std::string_view kUsual = "USING btree ";
  const std::string definition = index.get(kDefinition);
  text += " on " + (definition.rfind(kUsual, 0) == 0 ? definition.substr(kUsual.size()) : definition);
  if (index.has(kTablespace)) text += " tablespace " + quote_identifier(index.get(kTablespace));
  if (const List targets = index.get(kStatisticsTargets); !targets.empty())
    text += " statistics (" + support::join(targets, ", ") + ")";
  if (index.get(kClustered)) text += " clustered";
  if (index.has(kValid)) text += " invalid";
  return text;
}

constexpr AttrSpec kAttributes[] = {
    {.name = "unique", .type = ValueType::boolean},
    {.name = "definition", .expression = true},
    {.name = "tablespace", .recipe = change_tablespace},
    {.name = "clustered", .type = ValueType::boolean, .recipe = change_clustered},
    {.name = "valid", .type = ValueType::boolean},
    {.name = "statistics", .type = ValueType::list, .recipe = change_statistics},
};

}  // namespace

constinit const KindSpec kIndex{
    .tag = {"index"},
    .keyword = "INDEX",
    .introspect = introspect,
    .attributes = kAttributes,
    .create = create,
    .drop = drop,
    .address = address,
    .declare = declare,
    .rename = rename,
    .rename_when_equal = true,
    .schema_wide_name = true,
};

}  // namespace lockstep::kinds
