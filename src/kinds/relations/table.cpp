// Tables: ordinary, partitioned, partitions. Columns are created with a new table; everything else that belongs to it
// (defaults, constraints, indexes, triggers, policies …) is an object of its own.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/constraints/displaced.h"
#include "kinds/inheritance/change_parents.h"
#include "kinds/inheritance/inherited_constraints.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/relations/held_table.h"
#include "kinds/relations/relation_sql.h"
#include "kinds/relations/whole_row.h"
#include "recipes/attach_partition.h"
#include "recipes/detach_partition.h"
#include "recipes/inline_defaults.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace table {
namespace {

using plan::LockMode;
using plan::Phase;
using support::qualified;
using support::quote_identifier;

std::string introspect(int version) {
  constexpr int kDetachesConcurrently = 140000;
  const std::string pending = version < kDetachesConcurrently
                                  ? "NULL::boolean"
                                  : "CASE WHEN c.relispartition THEN (SELECT nullif(i.inhdetachpending, false) FROM "
                                    "pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid) END";
  return "SELECT " + address_columns("pg_class", "c.oid", "0", "pg_namespace", "c.relnamespace") +
         "c.relname AS name, NULL::text AS key, "
         "nullif(c.relpersistence = 'u', false) AS unlogged, "
         "CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END AS partition_by, "
         "CASE WHEN c.relispartition THEN (SELECT ARRAY[pn.nspname, p.relname]::text[] FROM pg_catalog.pg_inherits i JOIN "
         "pg_catalog.pg_class p ON p.oid = "
         "i.inhparent JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace WHERE i.inhrelid = c.oid) END AS partition_of, "
         "CASE WHEN c.relispartition THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END AS bound, " +
         pending +
         " AS detach_pending, "
         "CASE WHEN NOT c.relispartition AND h.inhrelid IS NOT NULL THEN h.parents END AS inherits, "
         "nullif(coalesce(c.reloptions, '{}') || coalesce((SELECT array_agg('toast.' || o) FROM pg_catalog.pg_class t, "
         "unnest(t.reloptions) o WHERE t.oid = "
         "c.reltoastrelid), '{}'), '{}')::text[] AS options, "
         "ts.spcname AS tablespace, "
         "CASE WHEN c.relkind IN ('r', 'p') THEN nullif(am.amname, 'heap') END AS access_method, "
         "nullif(c.relrowsecurity, false) AS row_security, nullif(c.relforcerowsecurity, false) AS force_row_security, "
         "CASE c.relreplident WHEN 'f' THEN 'full' WHEN 'n' THEN 'nothing' WHEN 'i' THEN 'index ' || (SELECT ri.relname FROM "
         "pg_catalog.pg_index x JOIN "
         "pg_catalog.pg_class ri ON ri.oid = x.indexrelid WHERE x.indrelid = c.oid AND x.indisreplident) END AS "
         "replica_identity, "
         "CASE WHEN c.reloftype <> 0 THEN pg_catalog.format_type(c.reloftype, NULL) END AS of_type, "
         "CASE WHEN c.relispartition OR h.inhrelid IS NOT NULL THEN " +
         inherited_constraints_sql() +
         " END AS inherited_constraints, "
         "pg_catalog.pg_get_userbyid(c.relowner) AS owner "
         "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
         "LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace "
         "LEFT JOIN (SELECT i.inhrelid, array_agg(quote_ident(pn.nspname) || '.' || quote_ident(p.relname) ORDER BY "
         "i.inhseqno)::text[] AS parents FROM "
         "pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent JOIN pg_catalog.pg_namespace pn ON pn.oid = "
         "p.relnamespace WHERE "
         "p.relkind = 'r' GROUP BY i.inhrelid) h ON h.inhrelid = c.oid "
         "WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND " +
         user_schema("n");
}

std::string address(const ObjectId& id) {
  return qualified(id.path);
}

std::string unlogged(const Object& to) {
  return to.get(keys::kUnlogged) ? "SET UNLOGGED" : "SET LOGGED";
}
// PostgreSQL copies the files and reports that nowhere; a partitioned table has none.
Steps change_tablespace(const Change&, const Object&, const Object& to, const Context& context) {
  Step step = recipes::step_for(to, "move " + catalog::to_string(to.id) + " to another tablespace",
                                {"ALTER TABLE " + address(to.id) + " SET TABLESPACE " +
                                 quote_identifier(to.has(keys::kTablespace) ? to.get(keys::kTablespace) : "pg_default")});
  step.lock = LockMode::access_exclusive;
  step.rewrites = context.online(to.id) && !to.has(keys::kPartitionBy);
  if (step.rewrites) step.bytes = context.bytes(to.id);
  return {step};
}
std::string access_method(const Object& to) {
  return "SET ACCESS METHOD " + quote_identifier(to.has(keys::kAccessMethod) ? to.get(keys::kAccessMethod) : "heap");
}
std::string force_row_security(const Object& to) {
  return to.get(keys::kForceRowSecurity) ? "FORCE ROW LEVEL SECURITY" : "NO FORCE ROW LEVEL SECURITY";
}

std::string breaks_force(const Object& from, const Object& to) {
  return to.get(keys::kForceRowSecurity)
             ? "the owner of " + address(from.id) + " no longer sees or writes rows that no policy lets it"
             : "the owner of " + address(from.id) + " meets rows that its policies kept away";
}
std::string breaks_unlogged(const Object& from, const Object& to) {
  if (!to.get(keys::kUnlogged)) return {};
  return "after a crash of the server " + address(from.id) + " is empty, and standbys and subscribers don't get its rows";
}

std::string option_name(const std::string& option) {
  return option.substr(0, option.find('='));
}

// Converts name=value from reloptions to SQL. The value is quoted because it may contain anything.
std::string option_sql(const std::string& option) {
  const auto equals = option.find('=');
  return equals == std::string::npos ? option
                                     : option.substr(0, equals) + " = " + support::quote_literal(option.substr(equals + 1));
}

std::string options_sql(const List& options) {
  std::vector<std::string> parts;
  for (const auto& option : options) parts.push_back(option_sql(option));
  return support::join(parts, ", ");
}

Steps one(const Object& to, std::string title, std::vector<std::string> sql, LockMode lock) {
  Step step = recipes::step_for(to, std::move(title), std::move(sql));
  step.lock = lock;
  return {step};
}

Steps change_options(const Change&, const Object& from, const Object& to, const Context&) {
  const List old = from.get(keys::kOptions), wanted = to.get(keys::kOptions);
  List set;
  std::vector<std::string> reset;
  for (const auto& option : wanted) {
    if (std::find(old.begin(), old.end(), option) == old.end()) set.push_back(option);
  }
  for (const auto& option : old) {
    const bool kept =
        std::any_of(wanted.begin(), wanted.end(), [&](const auto& other) { return option_name(other) == option_name(option); });
    if (!kept) reset.push_back(option_name(option));
  }
  std::vector<std::string> sql;
  const std::string alter = "ALTER TABLE " + address(to.id);
  if (!set.empty()) sql.push_back(alter + " SET (" + options_sql(set) + ")");
  if (!reset.empty()) sql.push_back(alter + " RESET (" + support::join(reset, ", ") + ")");
  return one(to, "set storage parameters of " + catalog::to_string(to.id), sql, LockMode::access_exclusive);
}

// Policies first, then ENABLE: the other way round, every row would be hidden in between.
Steps change_row_security(const Change&, const Object&, const Object& to, const Context& context) {
  Step step = recipes::step_for(
      to,
      (to.get(keys::kRowSecurity) ? "enable" : "disable") + std::string(" row level security of ") + catalog::to_string(to.id),
      {});
  step.sql = {"ALTER TABLE " + address(to.id) + (to.get(keys::kRowSecurity) ? " ENABLE" : " DISABLE") + " ROW LEVEL SECURITY"};
  step.lock = LockMode::access_exclusive;
  step.produces.clear();
  step.alters = {keys::kRowSecurity.name};
  const auto index = context.to.index_of(to.id);
  for (const auto child : context.to.children(*index)) {
    if (context.to.at(child).id.kind->name == kPolicy.tag.name) step.consumes.push_back(context.to.at(child).id);
  }
  step.phase = Phase::contract;
  step.breaking = to.get(keys::kRowSecurity)
                      ? "roles without a policy no longer see rows of " + address(to.id)
                      : "whoever may read or write " + address(to.id) + " meets rows that its policies kept away";
  return {step};
}

std::string replica_identity_clause(const std::string& identity) {
  constexpr std::string_view kIndexPrefix = "index ";
  if (identity.rfind(kIndexPrefix, 0) == 0)
    return "REPLICA IDENTITY USING INDEX " + quote_identifier(identity.substr(kIndexPrefix.size()));
  if (identity.empty()) return "REPLICA IDENTITY DEFAULT";
  return identity == "full" ? "REPLICA IDENTITY FULL" : "REPLICA IDENTITY NOTHING";
}

Step replica_identity_step(const Object& to) {
  Step step =
      recipes::step_for(to, "set replica identity of " + catalog::to_string(to.id),
                        {"ALTER TABLE " + address(to.id) + " " + replica_identity_clause(to.get(keys::kReplicaIdentity))});
  step.lock = LockMode::access_exclusive;
  step.produces.clear();
  constexpr std::string_view kIndexPrefix = "index ";
  const std::string identity = to.get(keys::kReplicaIdentity);
  if (identity.rfind(kIndexPrefix, 0) == 0) {
    for (const KindSpec* kind : {&kIndex, &kUnique, &kPrimaryKey}) {
      step.consumes.push_back({&kind->tag, {to.id.path[0], to.id.path[1], identity.substr(kIndexPrefix.size())}});
    }
  }
  return step;
}

// Only FULL has all that another identity has.
Steps change_replica_identity(const Change&, const Object& from, const Object& to, const Context&) {
  Step step = replica_identity_step(to);
  if (to.get(keys::kReplicaIdentity) == "full" || from.get(keys::kReplicaIdentity) == "nothing") return {std::move(step)};
  step.phase = Phase::contract;
  step.breaking =
      "where " + address(to.id) +
      " is published, its UPDATEs and DELETEs fail if the new identity lacks a column that a row filter or a subscriber needs";
  return {std::move(step)};
}

std::string parent_name(const Object& partition) {
  return qualified(partition.get(keys::kPartitionOf));
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kUnlogged.name, .type = ValueType::boolean, .clause = unlogged, .breaking = breaks_unlogged},
    {.name = keys::kPartitionBy.name, .expression = true},
    {.name = keys::kPartitionOf.name, .type = ValueType::list, .recipe = change_partition},
    {.name = keys::kBound.name, .expression = true, .recipe = change_partition},
    // A DETACH PARTITION … CONCURRENTLY was cut off: the parent neither sees its rows nor takes any. Nobody wants that.
    {.name = recipes::kDetachPending.name, .type = ValueType::boolean, .recipe = change_partition},
    {.name = keys::kInherits.name, .type = ValueType::list, .recipe = change_inherits},
    {.name = keys::kOptions.name, .type = ValueType::list, .recipe = change_options},
    {.name = keys::kTablespace.name, .recipe = change_tablespace},
    {.name = keys::kAccessMethod.name, .clause = access_method},
    {.name = keys::kRowSecurity.name, .type = ValueType::boolean, .recipe = change_row_security},
    {.name = keys::kForceRowSecurity.name, .type = ValueType::boolean, .clause = force_row_security, .breaking = breaks_force},
    {.name = keys::kReplicaIdentity.name, .recipe = change_replica_identity},
    {.name = keys::kOfType.name},
    kFromParentsAttribute,
    kOwnerAttribute,
};

// Its own columns in their order.
std::vector<const Object*> columns_of(const Object& table, const Context& context) {
  std::vector<const Object*> columns;
  for (const auto child : context.to.children(*context.to.index_of(table.id))) {
    const Object& object = context.to.at(child);
    if (object.id.is(kColumn.tag) && !is_inherited(object) && !made_apart(object, context.to)) columns.push_back(&object);
  }
  std::sort(columns.begin(), columns.end(), [](const Object* a, const Object* b) { return position(*a) < position(*b); });
  return columns;
}

std::string body(const Object& table, const Context& context) {
  std::vector<std::string> lines;
  for (const Object* column : columns_of(table, context)) {
    lines.push_back("\n  " + column_definition(*column));
    if (const Object* value = recipes::inline_default(column->id, context))
      lines.back() += " DEFAULT (" + value->get(keys::kExpression) + ")";
  }
  return support::join(lines, ",") + (lines.empty() ? "" : "\n");
}

Steps create(const Object& table, const Context& context) {
  std::string sql = std::string("CREATE ") + (table.get(keys::kUnlogged) ? "UNLOGGED " : "") + "TABLE " + address(table.id);
  if (table.has(keys::kPartitionOf)) {
    sql += " PARTITION OF " + parent_name(table) + " " + table.get(keys::kBound);
  } else if (table.has(keys::kOfType)) {
    sql += " OF " + table.get(keys::kOfType);
  } else {
    sql += " (" + body(table, context) + ")";
  }
  if (table.has(keys::kInherits)) sql += " INHERITS (" + support::join(table.get(keys::kInherits), ", ") + ")";
  if (table.has(keys::kPartitionBy)) sql += " PARTITION BY " + table.get(keys::kPartitionBy);
  if (table.has(keys::kAccessMethod)) sql += " USING " + quote_identifier(table.get(keys::kAccessMethod));
  if (table.has(keys::kOptions)) sql += " WITH (" + options_sql(table.get(keys::kOptions)) + ")";
  if (table.has(keys::kTablespace)) sql += " TABLESPACE " + quote_identifier(table.get(keys::kTablespace));
  Step step = recipes::step_for(table, "create " + catalog::to_string(table.id), {sql});
  if (table.has(keys::kPartitionOf)) step.lock = LockMode::access_exclusive;  // on the parent and its default partition
  for (const Object* column : columns_of(table, context)) {
    if (const Object* value = recipes::inline_default(column->id, context)) step.produces.push_back(value->id);
    for (const auto& setting : column_settings(*column)) step.sql.push_back("ALTER TABLE " + address(table.id) + " " + setting);
  }
  if (table.get(keys::kRowSecurity)) step.sql.push_back("ALTER TABLE " + address(table.id) + " ENABLE ROW LEVEL SECURITY");
  if (table.get(keys::kForceRowSecurity)) step.sql.push_back("ALTER TABLE " + address(table.id) + " FORCE ROW LEVEL SECURITY");
  Steps steps = table.has(keys::kPartitionOf) ? recipes::placed_without_scan(std::move(step), table, {}, context) : Steps{step};
  if (table.has(keys::kReplicaIdentity)) steps.push_back(replica_identity_step(table));
  return steps;
}

// The rows are saved under the lock of the drop, and a foreign key would lock the table that it refers to as long. A step for
// each of those tables: none waits while the lock on another one is asked for.
Steps drop_keys_first(const Object& table, const Context& context) {
  Steps steps;
  const bool saved = !context.elaborating && context.bytes(table.id) > 0 && !context.to.contains(table.id);
  if (!saved || table.has(keys::kPartitionOf) || table.has(keys::kPartitionBy)) return steps;
  std::map<List, Step> by_table;
  for (const Object* key : foreign_keys_to_what_stays(table, context)) {
    const List referenced = key->get(keys::kReferences);
    if (referenced == List(table.id.path)) continue;
    Step& step = by_table[referenced];
    step.sql.push_back("ALTER TABLE " + address(table.id) + " DROP CONSTRAINT " + quote_identifier(key->id.path.back()));
    step.destroys.push_back(key->id);
  }
  for (auto& [referenced, step] : by_table) {
    step.title = "drop the foreign keys of " + catalog::to_string(table.id) + " to " + qualified(referenced);
    step.phase = Phase::contract;
    step.lock = LockMode::access_exclusive;
    steps.push_back(std::move(step));
  }
  return steps;
}

Steps drop(const Object& table, const Context& context) {
  if (context.held && context.held(table.id)) return drop_held_table(table, context);
  Step step;
  step.title = "drop " + catalog::to_string(table.id);
  step.sql = {"DROP TABLE " + address(table.id)};
  step.phase = Phase::contract;
  step.lock = LockMode::access_exclusive;
  step.destroys = {table.id};
  step.breaking = "statements that use " + address(table.id) + " fail";
  Steps steps = drop_keys_first(table, context);
  steps.push_back(std::move(step));
  return steps;
}

std::string saves(const Object& table) {
  return "SELECT * FROM " + address(table.id);
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  Step step;
  step.sql = {};
  std::string old = qualified(from.path);
  if (from.path[0] != to.path[0]) {
    step.sql.push_back("ALTER TABLE " + old + " SET SCHEMA " + quote_identifier(to.path[0]));
    old = qualified(to.path[0], from.path[1]);
  }
  if (from.path[1] != to.path[1]) step.sql.push_back("ALTER TABLE " + old + " RENAME TO " + quote_identifier(to.path[1]));
  step.lock = LockMode::access_exclusive;
  step.phase = Phase::contract;
  step.breaking = "statements that use the name " + qualified(from.path) + " fail";
  step.produces = {to};
  return {step};
}

// What the SQL refers to by name, which pg_depend doesn't have before the table exists.
std::vector<ObjectId> uses(const Object& table, const Catalog& catalog) {
  std::vector<ObjectId> used;
  if (table.has(keys::kPartitionOf)) used.push_back({&kTable.tag, table.get(keys::kPartitionOf)});
  if (table.has(keys::kInherits)) {
    for (const auto& parent : table.get(keys::kInherits)) {
      for (const Object& other : catalog.objects()) {
        if (other.id.is(kTable.tag) && (qualified(other.id.path) == parent || other.id.path[1] == parent))
          used.push_back(other.id);
      }
    }
  }
  return used;
}

std::string declare(const Object& table, const Catalog&) {
  const bool partition = table.has(keys::kPartitionOf);
  const List parent = table.get(keys::kPartitionOf);
  std::string name = quote_identifier(table.id.path[1]);
  if (partition && parent[0] != table.id.path[0]) name = qualified(table.id.path);
  std::string text = partition ? "partition " + name + " " + table.get(keys::kBound) : "table " + name;
  if (table.get(keys::kUnlogged)) text += " unlogged";
  if (table.has(keys::kOfType)) text += " of " + table.get(keys::kOfType);
  if (table.has(keys::kPartitionBy)) text += " partition by " + table.get(keys::kPartitionBy);
  if (table.has(keys::kInherits)) text += " inherits (" + support::join(table.get(keys::kInherits), ", ") + ")";
  if (table.has(keys::kAccessMethod)) text += " using " + quote_identifier(table.get(keys::kAccessMethod));
  if (table.has(keys::kOptions)) text += " with (" + options_sql(table.get(keys::kOptions)) + ")";
  if (table.has(keys::kTablespace)) text += " tablespace " + quote_identifier(table.get(keys::kTablespace));
  return text;
}

}  // namespace
}  // namespace table

constinit const KindSpec kTable{
    .tag = {"table"},
    .keyword = "TABLE",
    .introspect = table::introspect,
    .attributes = table::kAttributes,
    .create = table::create,
    .drop = table::drop,
    .address = table::address,
    .declare = table::declare,
    .rename = table::rename,
    .uses = table::uses,
    .grant_keyword = "TABLE",
    .holds = Holds::rows,
    .drop_hazard = "drop-table",
    .saves = table::saves,
    .name_scope = NameScope::relations,
    .displaces = displaced_by_table,
};

}  // namespace lockstep::kinds
