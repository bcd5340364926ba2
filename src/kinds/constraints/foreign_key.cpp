// Foreign keys.
#include "catalog/keys.h"
#include "kinds/constraints/constraint_text.h"
#include "kinds/constraints/displaced.h"
#include "kinds/constraints/unenforced_keys.h"
#include "kinds/kinds_list.h"
#include "kinds/relations/relation_sql.h"
#include "recipes/conversion.h"
#include "recipes/relation.h"
#include "recipes/revalidate.h"
#include "recipes/validate.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace foreign_key {
namespace {

using support::identifier_list;
using support::qualified;
using support::quote_identifier;

constexpr Attr<std::string> kMatch{"match"}, kOnUpdate{"on_update"}, kOnDelete{"on_delete"};
constexpr Attr<bool> kPeriod{"period"}, kIsUnenforced{"unenforced"};

std::string names(const std::string& numbers, const std::string& relation, const std::string& aggregate) {
  return "(SELECT " + aggregate + " FROM unnest(" + numbers +
         ") WITH ORDINALITY k(num, n) JOIN pg_catalog.pg_attribute a ON a.attrelid = " + relation + " AND a.attnum = k.num)";
}

// The referential action on referencing rows; it drops no object.
constexpr std::string_view kCascade = "cascade";

std::string action(const std::string& column) {
  return "CASE " + column + " WHEN 'r' THEN 'restrict' WHEN 'c' THEN '" + std::string(kCascade) +
         "' WHEN 'n' THEN 'set null' WHEN 'd' THEN 'set default' END";
}

// PostgreSQL enforces a foreign key by internal triggers, which DISABLE TRIGGER ALL and ENABLE REPLICA TRIGGER switch off:
// those of the key itself, or of its copy for a partition.
constexpr std::string_view kUnenforced =
    "CASE WHEN con.oid IN (WITH RECURSIVE off AS (SELECT g.tgconstraint AS id FROM pg_catalog.pg_trigger g "
    "WHERE g.tgisinternal AND g.tgconstraint <> 0 AND g.tgenabled IN ('D', 'R') "
    "UNION SELECT k.conparentid FROM off JOIN pg_catalog.pg_constraint k ON k.oid = off.id WHERE k.conparentid <> 0) "
    "SELECT off.id FROM off) THEN true END AS unenforced, ";

std::string introspect(int version) {
  constexpr int kDeleteColumnsFrom = 150000, kPeriodFrom = 180000;
  const std::string list = "array_agg(a.attname ORDER BY k.n)::text[]";
  const std::string delete_columns =
      version >= kDeleteColumnsFrom
          ? " || coalesce(' (' || " +
                names("con.confdelsetcols", "con.conrelid", "string_agg(quote_ident(a.attname), ', ' ORDER BY k.n)") +
                " || ')', '')"
          : "";
  return "SELECT " + address_columns("pg_constraint", "con.oid", "0", "pg_class", "con.conrelid") +
         "con.conname AS name, NULL::text AS key, " + names("con.conkey", "con.conrelid", list) +
         " AS columns, (SELECT ARRAY[rn.nspname, r.relname]::text[] FROM pg_catalog.pg_class r JOIN pg_catalog.pg_namespace rn "
         "ON rn.oid = r.relnamespace "
         "WHERE r.oid = con.confrelid) AS \"references\", " +
         names("con.confkey", "con.confrelid", list) + " AS referenced_columns, " +
         (version >= kPeriodFrom ? "nullif(con.conperiod, false)" : "NULL::bool") +
         " AS period, CASE con.confmatchtype WHEN 'f' THEN 'full' END AS match, " + action("con.confupdtype") +
         " AS on_update, " + action("con.confdeltype") + delete_columns + " AS on_delete, " + std::string(kUnenforced) +
         "CASE WHEN con.condeferred THEN 'deferrable initially deferred' WHEN con.condeferrable THEN 'deferrable' "
         "END AS deferrable, "
         "nullif(con.convalidated, true) AS valid, " +
         enforced_column(version) + constraint_source('f');
}

std::string upper(std::string text) {
  for (std::size_t i = 0; i < text.size() && text[i] != '('; ++i)
    text[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[i])));
  return text;
}

std::string column_list(const Object& key, Attr<List> which) {
  const List columns = key.get(which);
  if (!key.get(kPeriod)) return identifier_list(columns);
  return identifier_list(List(columns.begin(), columns.end() - 1)) + ", PERIOD " + quote_identifier(columns.back());
}

std::string definition(const Object& key) {
  std::string sql = "FOREIGN KEY (" + column_list(key, keys::kColumns) + ") REFERENCES " + qualified(key.get(keys::kReferences));
  if (key.has(keys::kReferencedColumns)) sql += " (" + column_list(key, keys::kReferencedColumns) + ")";
  if (key.has(kMatch)) sql += " MATCH " + upper(key.get(kMatch));
  if (key.has(kOnUpdate)) sql += " ON UPDATE " + upper(key.get(kOnUpdate));
  if (key.has(kOnDelete)) sql += " ON DELETE " + upper(key.get(kOnDelete));
  return sql + deferrable_sql(key) + (is_enforced(key) ? "" : " NOT ENFORCED");
}

// The leaf partitions with rows under the table that the plan drops or detaches.
std::vector<ObjectId> leaves_that_go(const ObjectId& relation, const Context& context) {
  std::vector<ObjectId> found;
  if (context.is_new(relation)) return found;  // the new one has their rows
  for (const ObjectId& part : recipes::partitions(context.from, relation)) {
    const Object* after = context.to.find(part);
    const bool goes = after == nullptr || context.is_new(part) || after->get(keys::kPartitionOf) != List(relation.path);
    std::vector<ObjectId> open{part};
    while (!open.empty()) {
      const ObjectId next = open.back();
      open.pop_back();
      const auto below = recipes::partitions(context.from, next);
      if (goes && below.empty()) found.push_back(next);
      if (goes) open.insert(open.end(), below.begin(), below.end());
    }
    if (goes) continue;
    for (ObjectId& leaf : leaves_that_go(part, context)) found.push_back(std::move(leaf));
  }
  return found;
}

plan::DataCheck no_orphans(const Object& key, const Context& context) {
  const std::string child = recipes::relation_name(key.id), parent = qualified(key.get(keys::kReferences));
  const List columns = key.get(keys::kColumns), referenced = key.get(keys::kReferencedColumns);
  std::string present, match, shown;
  for (std::size_t i = 0; i < columns.size() && i < referenced.size(); ++i) {
    const std::string column = "c." + quote_identifier(columns[i]);
    present += (i > 0 ? " AND " : "") + column + " IS NOT NULL";
    shown += (i > 0 ? ", " : "") + column;
    if (key.get(kPeriod) && i + 1 == columns.size()) continue;
    match += (i > 0 ? " AND " : "") + std::string("p.") + quote_identifier(referenced[i]) + " = " + column;
  }
  const ObjectId relation = recipes::relation_of(key.id), referenced_table{&kTable.tag, key.get(keys::kReferences)};
  bool known = recipes::has_now(context, relation, columns) && !recipes::is_converted(relation, columns, context);
  // It will be empty, unless tables with rows are attached to it.
  if (known && !context.from.contains(referenced_table) && !recipes::is_partitioned(context.to, referenced_table)) {
    const std::string rows = " FROM " + child + " c WHERE " + present;
    return {.rule = "no row of " + child + " has (" + identifier_list(columns) + "), which will refer to " + parent +
                    ", a table that this plan creates without rows",
            .count = "SELECT count(*)" + rows,
            .sample = "SELECT DISTINCT row(" + shown + ")::text" + rows + " LIMIT 5",
            .alone = true};
  }
  std::string stays;
  for (const ObjectId& leaf : leaves_that_go(referenced_table, context)) {
    stays += (stays.empty() ? " that stays, outside " : ", ") + qualified(leaf.path);
    match += " AND p.tableoid IS DISTINCT FROM pg_catalog.to_regclass(" + support::quote_literal(qualified(leaf.path)) +
             ")::pg_catalog.oid";
  }
  std::string orphans =
      " FROM " + child + " c WHERE " + present + " AND NOT EXISTS (SELECT FROM " + parent + " p WHERE " + match + ")";
  if (key.get(kPeriod))  // the periods of all matching rows together cover it
    orphans = " FROM " + child + " c WHERE " + present + " AND (c." + quote_identifier(columns.back()) +
              " OPERATOR(pg_catalog.<@) (SELECT pg_catalog.range_agg(p." + quote_identifier(referenced.back()) + ") FROM " +
              parent + " p WHERE " + match + ")) IS NOT TRUE";
  known = known && recipes::has_now(context, referenced_table, referenced) &&
          !recipes::is_converted(referenced_table, referenced, context);
  return {.rule = "every (" + identifier_list(columns) + ") of " + child + " has a row in " + parent + stays,
          .count = "SELECT count(*)" + orphans,
          .sample = "SELECT DISTINCT row(" + shown + ")::text" + orphans + " LIMIT 5",
          .upfront = known};
}

Steps create(const Object& key, const Context& context) {
  const ObjectId relation = recipes::relation_of(key.id);
  constexpr int kNotValidOnPartitioned = 180000;
  const bool direct = recipes::is_partitioned(context.from, relation) && context.server_version < kNotValidOnPartitioned;
  recipes::NewConstraint what;
  what.name = constraint_name(key.id);
  what.definition = definition(key);
  what.lock = plan::LockMode::share_row_exclusive;
  what.columns = key.get(keys::kColumns);
  what.validated = !key.has(keys::kValid);
  what.enforced = is_enforced(key);
  what.check = no_orphans(key, context);
  Steps steps = recipes::add_constraint(key, what, context.online(relation) && !direct, context);
  if (direct && what.enforced && context.online(relation)) {
    steps.front().scans = true;
    steps.front().bytes = context.bytes(relation);
    steps.front().checks = {what.check};
  }
  return steps;
}

Steps change_valid(const Change&, const Object&, const Object& to, const Context& context) {
  if (to.has(keys::kValid)) return {recipes::unvalidate(to, definition(to))};
  Step step = recipes::validate_constraint(to, context);
  step.checks = {no_orphans(to, context)};
  return {step};
}

// Only the deferrability changes, so no row has to be checked again.
Steps change_deferrable(const Change&, const Object&, const Object& to, const Context&) {
  const std::string deferrable = to.has(keys::kDeferrable) ? deferrable_sql(to) : " NOT DEFERRABLE";
  Step step = recipes::step_for(
      to, "change when " + catalog::to_string(to.id) + " is checked",
      {"ALTER TABLE " + recipes::relation_name(to.id) + " ALTER CONSTRAINT " + quote_identifier(to.id.path[2]) + deferrable});
  if (to.get(keys::kDeferrable) == "deferrable") step.sql.front() += " INITIALLY IMMEDIATE";
  step.lock = plan::LockMode::access_exclusive;
  return {step};
}

std::vector<ObjectId> uses(const Object& key, const Catalog&) {
  return {{&kTable.tag, key.get(keys::kReferences)}};
}

std::string declare(const Object& key, const Catalog&) {
  const List target = key.get(keys::kReferences);
  std::string text = declared_constraint(key.id, "foreign key") + " (" + column_list(key, keys::kColumns) + ") references " +
                     (target[0] == key.id.path[0] ? quote_identifier(target[1]) : qualified(target));
  if (key.has(keys::kReferencedColumns)) text += " (" + column_list(key, keys::kReferencedColumns) + ")";
  if (key.has(kMatch)) text += " match " + key.get(kMatch);
  if (key.has(kOnUpdate)) text += " on update " + key.get(kOnUpdate);
  if (key.has(kOnDelete)) text += " on delete " + key.get(kOnDelete);
  if (key.has(keys::kDeferrable)) text += " " + key.get(keys::kDeferrable);
  return text + declared_validity(key);
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kColumns.name, .type = ValueType::list},
    {.name = keys::kReferences.name, .type = ValueType::list},
    {.name = keys::kReferencedColumns.name, .type = ValueType::list},
    {.name = kPeriod.name, .type = ValueType::boolean},
    {.name = kMatch.name},
    {.name = kOnUpdate.name},
    {.name = kOnDelete.name},
    {.name = keys::kDeferrable.name, .recipe = change_deferrable},
    {.name = keys::kValid.name, .type = ValueType::boolean, .recipe = change_valid},
    {.name = keys::kEnforced.name,
     .type = ValueType::boolean},  // recreated: ALTER CONSTRAINT would check all rows under its lock
    // No file can state it. The key is recreated, which checks the rows that were let in, and needs no superuser, unlike
    // enabling the triggers.
    {.name = kIsUnenforced.name, .type = ValueType::boolean},
};

}  // namespace
}  // namespace foreign_key

std::vector<ObjectId> unenforced_keys(const Catalog& catalog) {
  std::vector<ObjectId> keys;
  for (const Object& object : catalog.objects()) {
    if (object.id.is(kForeignKey.tag) && object.get(foreign_key::kIsUnenforced)) keys.push_back(object.id);
  }
  return keys;
}

constinit const KindSpec kForeignKey{
    .tag = {"foreign_key"},
    .keyword = "CONSTRAINT",
    .introspect = foreign_key::introspect,
    .attributes = foreign_key::kAttributes,
    .create = foreign_key::create,
    .drop = drop_constraint,
    .address = constraint_address,
    .declare = foreign_key::declare,
    .rename = rename_constraint,
    .uses = foreign_key::uses,
    .dropped_before_parent = true,
    .refers_only = true,
    .renamed_when_alike = true,
    .displaces = displaced_by_foreign_key,
};

}  // namespace lockstep::kinds
