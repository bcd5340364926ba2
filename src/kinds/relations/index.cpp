// Indexes of tables and materialized views that belong neither to a constraint nor to a parent's index.
#include <algorithm>
#include <map>

#include "catalog/keys.h"
#include "kinds/constraints/displaced.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/relations/invalid_index.h"
#include "kinds/relations/relation_sql.h"
#include "recipes/adopted_share.h"
#include "recipes/arbiter.h"
#include "recipes/clustering.h"
#include "recipes/concurrent_index.h"
#include "recipes/partitioned_successor.h"
#include "recipes/relation.h"
#include "recipes/row_probe.h"
#include "recipes/successor.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace index {
namespace {

using plan::LockMode;
using plan::Phase;
using support::qualified;
using support::quote_identifier;

// pg_get_indexdef() starts with a known text; the definition is what follows it.
std::string introspect(int server_version) {
  const std::string distinct = server_version >= 150000 ? "nullif(x.indnullsnotdistinct, false)" : "NULL::boolean";
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
         "pg_catalog.pg_attribute a WHERE a.attrelid = i.oid AND a.attstattarget > 0) END AS statistics, nullif(x.indexprs IS "
         "NOT NULL, false) AS expressions, " +
         distinct +
         " AS nulls_not_distinct "
         "FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid JOIN pg_catalog.pg_class c ON c.oid = "
         "x.indrelid "
         "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = "
         "i.reltablespace "
         // A hash lookup. As an anti-join the planner expects one row and uses a nested loop over all others.
         "WHERE x.indexrelid NOT IN (SELECT con.conindid FROM pg_catalog.pg_constraint con WHERE con.contype IN ('p', 'u', 'x')) "
         "AND NOT i.relispartition AND c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND " +
         user_schema("n");
}

std::string address(const ObjectId& id) {
  return qualified(id.path.front(), id.path.back());
}

// Sets the tablespace and the statistics targets of the index `name`, which may be a successor.
std::vector<std::string> placed(const Object& index, const std::string& name) {
  const std::string alter = "ALTER INDEX " + qualified(index.id.path.front(), name);
  std::vector<std::string> sql;
  // PostgreSQL prints no tablespace in a definition, where it would be before WHERE, so a separate statement sets it.
  if (index.has(keys::kTablespace)) sql.push_back(alter + " SET TABLESPACE " + quote_identifier(index.get(keys::kTablespace)));
  for (const auto& target : index.get(keys::kIndexStatistics)) {
    const auto equals = target.find('=');
    sql.push_back(alter + " ALTER COLUMN " + target.substr(0, equals) + " SET STATISTICS " + target.substr(equals + 1));
  }
  return sql;
}

std::vector<std::string> settings(const Object& index) {
  std::vector<std::string> sql = placed(index, index.id.path[2]);
  if (index.get(keys::kClustered)) {
    sql.push_back("ALTER TABLE " + recipes::relation_name(index.id) + " CLUSTER ON " + quote_identifier(index.id.path[2]));
  }
  return sql;
}

recipes::IndexText text_of(const Object& index) {
  return {
      .unique = index.get(keys::kUnique), .name = index.id.path[2], .definition = index.get(keys::kDefinition), .tablespace = {}};
}

// Rows that the index can't accept are found before anything is changed.
void ask_rows(const Object& index, Step& step, const Context& context) {
  const bool distinct = index.get(keys::kNullsNotDistinct);
  auto checks = recipes::index_tried(index, index.get(keys::kUnique), distinct, context);
  const bool may_refuse = index.get(keys::kUnique) || index.get(keys::kExpressions);
  if (may_refuse && checks.empty() && context.online(recipes::relation_of(index.id)))
    step.title += " (rows that it refuses are found while it is built)";
  for (auto& check : checks) step.checks.push_back(std::move(check));
}

void warn_of_uniqueness(const Object& index, Step& step) {
  step.phase = Phase::contract;
  step.breaking = "INSERTs and UPDATEs that repeat a value under " + catalog::to_string(index.id) + " fail";
}

Steps create(const Object& index, const Context& context) {
  const ObjectId relation = recipes::relation_of(index.id);
  const bool named = !is_placeholder(index.id.path[2]);
  const bool alone = index.has(keys::kValid) && recipes::is_partitioned(context.to, relation);
  Steps steps;
  if (named && !alone && context.online(relation)) {
    steps = recipes::create_index_concurrently(index, relation, text_of(index), context);
  } else if (named && !alone && recipes::would_take_another(relation, text_of(index), context)) {
    steps = {recipes::create_index_by_partition(index, relation, text_of(index), context)};
  } else {
    Step step = recipes::step_for(index, "create " + catalog::to_string(index.id), {});
    // An invalid index of a partitioned table is one for which not all partitions have an attached index.
    step.sql = {std::string("CREATE ") + (index.get(keys::kUnique) ? "UNIQUE " : "") + "INDEX " +
                (named ? quote_identifier(index.id.path[2]) + " " : "") + (alone ? "ON ONLY " : "ON ") +
                recipes::relation_name(index.id) + " " + index.get(keys::kDefinition)};
    if (!context.is_new(relation)) step.lock = LockMode::share;
    steps.push_back(std::move(step));
  }
  if (index.get(keys::kUnique) && !context.is_new(relation)) warn_of_uniqueness(index, steps.front());
  ask_rows(index, steps.front(), context);
  auto more = settings(index);
  for (auto& statement : recipes::identifies_again(index, context)) more.push_back(std::move(statement));
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

// ON CONFLICT clauses may need the unique index.
Steps without_uniqueness(const Object& index, Steps steps, const Context& context) {
  if (!index.get(keys::kUnique) || index.has(keys::kValid)) return steps;  // PostgreSQL infers no INVALID index for ON CONFLICT
  steps.back().phase = Phase::contract;
  steps.back().awaits = recipes::takes_over(index, context);
  steps.back().breaking =
      "INSERT … ON CONFLICT that needs " + catalog::to_string(index.id) + " fails, and rows that it refused are let in";
  return steps;
}

Steps drop(const Object& index, const Context& context) {
  const ObjectId relation = recipes::relation_of(index.id);
  if (recipes::is_adopted(index, context)) return {};  // the step that attaches it says so
  if (context.online(relation) && !recipes::is_partitioned(context.from, relation))
    return without_uniqueness(index, recipes::drop_index_concurrently(index.id), context);
  Step step;
  step.title = "drop " + catalog::to_string(index.id);
  step.sql = {"DROP INDEX " + address(index.id)};
  step.phase = Phase::contract;
  step.lock = LockMode::access_exclusive;
  step.destroys = {index.id};
  Steps steps = without_uniqueness(index, {step}, context);
  for (const ObjectId& part : recipes::partitions(context.from, relation)) {  // one that leaves keeps its share
    const Object* after = context.to.find(part);
    if (after != nullptr && after->get(keys::kPartitionOf) != List(relation.path)) steps.back().awaits.push_back(part);
  }
  return steps;
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  Step step;
  step.sql = {"ALTER INDEX " + address(from) + " RENAME TO " + quote_identifier(to.path[2])};
  step.lock = LockMode::share_update_exclusive;
  step.produces = {to};
  return {step};
}

bool lacks_contents_only(const Change& change, const Object& from, const Object& to, const Context& context) {
  return change.attributes.size() == 1 && from.has(keys::kValid) && !to.has(keys::kValid) &&
         !recipes::is_partitioned(context.from, recipes::relation_of(to.id));
}

// What a changed definition needs. What depends on the old index (a foreign key) makes way for the new one.
Steps replace(const Change& change, const Object& from, const Object& to, const Context& context) {
  const ObjectId relation = recipes::relation_of(to.id);
  // A failed build left it invalid: name and definition are right, only the contents are missing.
  if (lacks_contents_only(change, from, to, context)) return {recipes::reindex(to, relation, context)};
  const bool partitioned = recipes::is_partitioned(context.from, relation);
  if (context.online(relation) && !(partitioned && recipes::is_rebuilt_in_place(from, to, context))) {
    const auto succeed = partitioned ? recipes::succeed_partitioned_index : recipes::succeed_index;
    Steps steps = succeed(
        from, to, text_of(to), to.get(keys::kExpressions), [&](const std::string& name) { return placed(to, name); }, context);
    ask_rows(to, steps.front(), context);
    if (!to.get(keys::kUnique)) return without_uniqueness(from, std::move(steps), context);
    steps.back().awaits = recipes::takes_over(from, context);
    warn_of_uniqueness(to, steps.front());
    return steps;
  }
  Steps steps = drop(from, context);
  steps.front().consumes = recipes::leans_on(to, context);
  for (auto& step : create(to, context)) steps.push_back(std::move(step));
  auto again = recipes::said_again(from, to, "INDEX " + address(to.id), context);
  if (context.online(relation)) {  // a partitioned table: leaf by leaf
    if (again.empty()) return steps;
    Step step = recipes::step_for(to, "what is said of " + catalog::to_string(to.id), std::move(again));
    step.lock = LockMode::access_exclusive;
    steps.push_back(std::move(step));
    return steps;
  }
  Step step = std::move(steps.back());
  step.title = "drop and recreate " + catalog::to_string(to.id);
  step.sql.insert(step.sql.begin(), steps.front().sql.begin(), steps.front().sql.end());
  step.sql.insert(step.sql.end(), again.begin(), again.end());
  step.consumes = steps.front().consumes;
  step.phase = Phase::contract;
  step.lock = LockMode::access_exclusive;
  step.awaits = recipes::takes_over(from, context);
  return to.get(keys::kUnique) ? Steps{std::move(step)} : without_uniqueness(from, {std::move(step)}, context);
}

// Whether a successor replaces the index. It is created with all attributes.
bool replaced(const Change& change) {
  return std::any_of(change.attributes.begin(), change.attributes.end(), [](const auto& item) {
    return item.attribute == keys::kUnique.name || item.attribute == keys::kDefinition.name ||
           item.attribute == keys::kValid.name;
  });
}

Steps change_clustered(const Change& change, const Object&, const Object& to, const Context& context) {
  return replaced(change) ? Steps{} : recipes::change_clustered(to, context);
}

Steps change_tablespace(const Change& change, const Object&, const Object& to, const Context& context) {
  if (replaced(change)) return {};
  Step step = recipes::step_for(to, "move " + catalog::to_string(to.id),
                                {"ALTER INDEX " + address(to.id) + " SET TABLESPACE " +
                                 quote_identifier(to.has(keys::kTablespace) ? to.get(keys::kTablespace) : "pg_default")});
  step.lock = LockMode::access_exclusive;
  step.builds = true;
  step.bytes = context.bytes(recipes::relation_of(to.id));
  return {step};
}

Steps change_statistics(const Change& change, const Object& from, const Object& to, const Context&) {
  if (replaced(change)) return {};
  std::map<std::string, std::string> targets;
  for (const auto& old : from.get(keys::kIndexStatistics)) targets[old.substr(0, old.find('='))] = "-1";
  for (const auto& wanted : to.get(keys::kIndexStatistics))
    targets[wanted.substr(0, wanted.find('='))] = wanted.substr(wanted.find('=') + 1);
  Step step = recipes::step_for(to, "set statistics targets of " + catalog::to_string(to.id), {});
  for (const auto& [column, target] : targets) {
    step.sql.push_back("ALTER INDEX " + address(to.id) + " ALTER COLUMN " + column + " SET STATISTICS " + target);
  }
  step.lock = LockMode::share_update_exclusive;
  return {step};
}

// The partitions' keys that will be attached to it are created first; it attaches existing ones.
std::vector<ObjectId> uses(const Object& index, const Catalog& catalog) {
  std::vector<ObjectId> used = recipes::indexes_above(index, catalog);
  const ObjectId relation = recipes::relation_of(index.id);
  if (!recipes::is_partitioned(catalog, relation)) return used;
  for (const Object& object : catalog.objects()) {
    if (!object.id.is(kTable.tag) || object.get(keys::kPartitionOf) != List(relation.path)) continue;
    if (auto key = recipes::key_attached_to(catalog, object.id, index.id.path[2])) used.push_back(std::move(*key));
  }
  return used;
}

std::string declare(const Object& index, const Catalog& catalog) {
  if (is_left_over(index, catalog)) return {};
  std::string text = index.get(keys::kUnique) ? "unique index" : "index";
  if (!is_placeholder(index.id.path[2])) text += " " + quote_identifier(index.id.path[2]);
  constexpr std::string_view kUsual = "USING btree ";
  const std::string definition = index.get(keys::kDefinition);
  text += " on " + (definition.rfind(kUsual, 0) == 0 ? definition.substr(kUsual.size()) : definition);
  if (index.has(keys::kTablespace)) text += " tablespace " + quote_identifier(index.get(keys::kTablespace));
  if (const List targets = index.get(keys::kIndexStatistics); !targets.empty())
    text += " statistics (" + support::join(targets, ", ") + ")";
  if (index.get(keys::kClustered)) text += " clustered";
  if (index.has(keys::kValid)) text += " invalid";
  return text;
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kUnique.name, .type = ValueType::boolean, .recipe = replace, .by_successor = true},
    {.name = keys::kDefinition.name, .expression = true, .recipe = replace, .by_successor = true},
    {.name = keys::kTablespace.name, .recipe = change_tablespace},
    {.name = keys::kClustered.name, .type = ValueType::boolean, .recipe = change_clustered},
    {.name = keys::kValid.name, .type = ValueType::boolean, .recipe = replace, .by_successor = true},
    {.name = keys::kIndexStatistics.name, .type = ValueType::list, .recipe = change_statistics},
    {.name = keys::kExpressions.name, .type = ValueType::boolean, .derived = true},
    {.name = keys::kNullsNotDistinct.name, .type = ValueType::boolean, .derived = true},
};

}  // namespace
}  // namespace index

constinit const KindSpec kIndex{
    .tag = {"index"},
    .keyword = "INDEX",
    .introspect = index::introspect,
    .attributes = index::kAttributes,
    .create = index::create,
    .drop = index::drop,
    .address = index::address,
    .declare = index::declare,
    .rename = index::rename,
    .uses = index::uses,
    .name_scope = NameScope::relations,
    .renamed_when_alike = true,
    .displaces = displaced_by_index,
};

bool is_left_over(const Object& object, const Catalog& catalog) {
  return object.id.is(kIndex.tag) && object.has(keys::kValid) &&
         !recipes::is_partitioned(catalog, recipes::relation_of(object.id));
}

std::vector<std::string> invalid_indexes(const Catalog& catalog) {
  std::vector<std::string> names;
  for (const Object& object : catalog.objects()) {
    if (object.id.is(kIndex.tag) && object.has(keys::kValid)) names.push_back(index::address(object.id));
  }
  return names;
}

}  // namespace lockstep::kinds
