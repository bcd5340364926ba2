// Columns of tables. An inherited column (of a partition or child) exists only so that other objects can depend on it: it has
// no attributes and is created, changed and dropped with the parent's.
#include <algorithm>

#include "catalog/changes.h"
#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/columns/retyped.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/declared_inline.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/recreation/succeed_columns.h"
#include "kinds/relations/relation_sql.h"
#include "kinds/relations/whole_row.h"
#include "recipes/change_column.h"
#include "recipes/descendants.h"
#include "recipes/identity.h"
#include "recipes/joins_without.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace column {
namespace {

using plan::LockMode;
using plan::Phase;
using support::qualified;
using support::quote_identifier;

// The options of an identity column's sequence that differ from the defaults of its type, in PostgreSQL's syntax; NULL: as usual.
constexpr std::string_view kSequenceName =
    "CASE WHEN s.relname <> left(c.relname || '_' || a.attname || '_seq', 63) THEN 'SEQUENCE NAME ' || quote_ident(sn.nspname) "
    "|| '.' || "
    "quote_ident(s.relname) END";
constexpr std::string_view kNumbering =
    "CASE WHEN q.seqstart <> CASE WHEN q.seqincrement > 0 THEN q.seqmin ELSE q.seqmax END OR "
    "(q.seqincrement > 0 AND q.seqmin <> 1 AND q.seqstart <> q.seqmin) THEN 'START WITH ' || q.seqstart END, "
    "CASE WHEN q.seqincrement <> 1 THEN 'INCREMENT BY ' || q.seqincrement END, "
    "CASE WHEN q.seqincrement > 0 AND q.seqmin <> 1 OR q.seqincrement < 0 AND q.seqmin <> CASE q.seqtypid WHEN 'int2'::regtype "
    "THEN -32768 WHEN "
    "'int4'::regtype THEN -2147483648 ELSE -9223372036854775808 END THEN 'MINVALUE ' || q.seqmin END, "
    "CASE WHEN q.seqincrement < 0 AND q.seqmax <> -1 OR q.seqincrement > 0 AND q.seqmax <> CASE q.seqtypid WHEN 'int2'::regtype "
    "THEN 32767 WHEN "
    "'int4'::regtype THEN 2147483647 ELSE 9223372036854775807 END THEN 'MAXVALUE ' || q.seqmax END, "
    "CASE WHEN q.seqcache <> 1 THEN 'CACHE ' || q.seqcache END, CASE WHEN q.seqcycle THEN 'CYCLE' END";

// Something of an identity column's own sequence; NULL for any other column.
std::string of_its_sequence(const std::string& local, const std::string& expression) {
  return "CASE WHEN a.attidentity <> '' AND " + local + " THEN (SELECT " + expression +
         " FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN "
         "pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid "
         "WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = "
         "c.oid AND d.refobjsubid = a.attnum AND d.deptype = 'i') END";
}

std::string introspect(int version) {
  const std::string local = "(a.attislocal AND NOT c.relispartition OR a.attinhcount = 0)";
  const auto own = [&](const std::string& expression) { return "CASE WHEN " + local + " THEN " + expression + " END"; };
  constexpr int kNotNullIsAConstraintFrom = 180000;
  const bool named = version >= kNotNullIsAConstraintFrom;
  const std::string name(kSequenceName), numbering(kNumbering);
  return "SELECT " + address_columns("pg_class", "a.attrelid", "a.attnum", "pg_class", "a.attrelid") +
         "a.attname AS name, NULL::text AS key, " + own("pg_catalog.format_type(a.atttypid, a.atttypmod)") + " AS type, " +
         own("CASE WHEN a.attcollation <> t.typcollation THEN quote_ident(con.nspname) || '.' || quote_ident(co.collname) END") +
         " AS collation, " + own("nullif(a.attnotnull, false)") + " AS not_null, " + own(named ? "nn.conname" : "NULL") +
         " AS not_null_name, " + own("CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END") +
         " AS identity, " + of_its_sequence(local, "nullif(concat_ws(' ', " + name + ", " + numbering + "), '')") +
         " AS identity_options, " + of_its_sequence(local, "ARRAY[sn.nspname, s.relname]::text[]") + " AS identity_sequence, " +
         of_its_sequence(local, "nullif(array_remove(ARRAY[" + numbering + "], NULL), '{}')") + " AS identity_numbering, " +
         // Few columns have these, so they are looked up one by one instead of joined to all.
         own("CASE WHEN a.attgenerated <> '' THEN (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef "
             "d "
             "WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END") +
         " AS generated, " + own("nullif(a.attgenerated = 'v', false)") + " AS virtual, " + column_settings_sql(version, local) +
         ", nullif(NOT " + local + ", false) AS inherited, a.attnum::bigint AS position " +
         "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON "
         "n.oid = c.relnamespace "
         "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation "
         "LEFT JOIN pg_catalog.pg_namespace con ON con.oid = co.collnamespace " +
         (named ? "LEFT JOIN pg_catalog.pg_constraint nn ON nn.contype = 'n' AND nn.conrelid = a.attrelid AND nn.conkey[1] = "
                  "a.attnum "
                : "") +
         "WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped AND c.reloftype = 0 "
         "AND " +
         user_schema("n");
}

std::string address(const ObjectId& id) {
  return qualified(id.path);
}

const Object* default_of(const Catalog& catalog, const ObjectId& column) {
  return catalog.find({&kDefault.tag, column.path});
}

Steps create(const Object& column, const Context& context) {
  if (is_inherited(column)) return {};
  const Object* value = default_of(context.to, column.id);
  Steps steps = recipes::add_column(column,
                                    {.definition = column_definition(column),
                                     .settings = column_settings(column),
                                     .default_expression = value ? value->get(keys::kExpression) : ""},
                                    context);
  if (context.is_new(*column.parent)) steps.front().consumes = triggers_before(column, context.to);
  for (const ObjectId& table : recipes::joins_without(column.id, context)) steps.front().consumes.push_back(table);
  for (const ObjectId& table : recipes::leaves_without(column.id, context)) steps.front().consumes.push_back(table);
  if (!context.from.contains(column.id)) return steps;
  // recreated: what depends on the descendants' columns is recreated too
  for (const ObjectId& descendant : recipes::descendants(context.to, column.id)) {
    if (is_inherited(*context.to.find(descendant)) && context.is_new(descendant)) steps.back().produces.push_back(descendant);
  }
  return steps;
}

Steps drop(const Object& column, const Context& context) {
  if (is_inherited(column) && !recipes::left_behind(context, column.id)) return {};
  return recipes::drop_column(column, default_of(context.from, column.id) != nullptr, context);
}

std::string saves(const Object& column) {
  return "SELECT " + quote_identifier(column.id.path[2]) + " FROM " + recipes::relation_name(column.id);
}

// The column becomes inherited, or stops being so. The change of the table's parents does that and what it needs before (NOT
// NULL). The other settings in which the column and its parent differ are set afterwards.
Steps change_inheritance(const Object& from, const Object& to, const Context& context) {
  auto what = recipes::differences(recipes::state_of(context.from, from.id), recipes::state_of(context.to, to.id));
  if (is_inherited(to) && recipes::state_of(context.to, to.id).not_null) what.erase(keys::kNotNull.name);
  if (!is_inherited(to) && default_of(context.to, to.id) != nullptr) what.erase(keys::kDefault.name);  // made by its own change
  return recipes::say(to, what, "set", context);
}

// A type and NOT NULL reach all descendants, so tables that leave the hierarchy leave it before, with rows that it may not have.
void let_tables_leave(Steps& steps, const Change& change, const Object& to, const Context& context) {
  const bool reaches = catalog::changes(change, keys::kType.name) || catalog::changes(change, keys::kCollation.name) ||
                       (catalog::changes(change, keys::kNotNull.name) && to.get(keys::kNotNull));
  if (!reaches || steps.empty()) return;
  bool any = false;
  for (const ObjectId& below : recipes::descendants(context.from, to.id)) {
    if (!recipes::left_behind(context, below)) continue;
    steps.front().consumes.push_back(recipes::relation_of(below));
    any = true;
  }
  if (!any) return;
  for (Step& step : steps)
    for (plan::DataCheck& check : step.checks) check.upfront = false;
}

Steps change(const Change& whole, const Object& from, const Object& to, const Context& context) {
  if (is_inherited(to) || is_inherited(from)) return change_inheritance(from, to, context);
  Change change = whole;
  if (is_retyped_along(to.id, context))
    std::erase_if(change.attributes,
                  [](const auto& item) { return item.attribute == keys::kType.name || item.attribute == keys::kCollation.name; });
  Steps steps, last;
  if (catalog::changes(change, keys::kType.name) && is_succeeded(to.id, context)) {
    last = end_succession(to.id, context);
    steps = succeed_columns(to.id, context);
    std::erase_if(change.attributes, [](const auto& item) {
      return item.attribute == keys::kType.name || item.attribute == keys::kCollation.name ||
             item.attribute == keys::kStorage.name || item.attribute == keys::kCompression.name ||
             item.attribute == keys::kIdentityOptions.name;
    });
  }
  const Object* before = default_of(context.from, to.id);
  const Object* after = default_of(context.to, to.id);
  for (Step& step : recipes::change_column(change, from, to,
                                           {.definition = {},
                                           .settings = {},
                                           .default_expression = after ? after->get(keys::kExpression) : "",
                                           .had_default = before != nullptr},
                                           context)) {
    steps.push_back(std::move(step));
  }
  std::move(last.begin(), last.end(), std::back_inserter(steps));
  let_tables_leave(steps, whole, to, context);
  return steps;
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  Step step;
  step.sql = {"ALTER TABLE " + recipes::relation_name(from) + " RENAME COLUMN " + quote_identifier(from.path[2]) + " TO " +
              quote_identifier(to.path[2])};
  step.lock = LockMode::access_exclusive;
  step.phase = Phase::contract;
  step.breaking = "statements that use the name " + qualified(from.path) + " fail";
  step.produces = {to};
  return {step};
}

// On a table with rows the default is part of ADD COLUMN, so the column needs what the default needs.
std::vector<ObjectId> uses(const Object& column, const Catalog& catalog) {
  std::vector<ObjectId> used;
  const auto value = catalog.index_of({&kDefault.tag, column.id.path});
  if (!value) return used;
  for (const auto& edge : catalog.edges_from(*value)) {
    if (catalog.at(edge.referenced).id != column.id) used.push_back(catalog.at(edge.referenced).id);
  }
  return used;
}

// Only what this table declares about a column that is declared at the parent.
std::string declare_inherited(const Object& column, const Catalog& catalog) {
  const Object* stated = catalog.find({&kOverride.tag, column.id.path});
  if (stated == nullptr && declared_inline(column.id, catalog).empty()) return {};
  return "column " + quote_identifier(column.id.path[2]) + (stated != nullptr ? override_text(*stated) : "");
}

std::string declare(const Object& column, const Catalog& catalog) {
  if (is_inherited(column)) return declare_inherited(column, catalog);
  std::string out = quote_identifier(column.id.path[2]) + " " + column.get(keys::kType);
  if (const auto collation = column.get(keys::kCollation); !collation.empty()) out += " collate " + collation;
  out += declared_settings(column);
  if (column.get(keys::kNotNull)) out += " not null";
  if (const auto identity = column.get(keys::kIdentity); !identity.empty()) {
    out += " generated " + identity + " as identity";
    if (const auto options = column.get(keys::kIdentityOptions); !options.empty()) out += " (" + options + ")";
  }
  if (const auto generated = column.get(keys::kGenerated); !generated.empty()) {
    out += " generated always as (" + generated + ")" + (column.get(keys::kVirtual) ? " virtual" : " stored");
  }
  if (const Object* value = default_of(catalog, column.id)) out += " default " + value->get(keys::kExpression);
  return out;
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kType.name, .expression = true, .recipe = change, .rebuilds_dependents = true},
    {.name = keys::kCollation.name, .recipe = change, .rebuilds_dependents = true},
    {.name = keys::kNotNull.name, .type = ValueType::boolean, .recipe = change},
    {.name = keys::kNotNullName.name, .derived = true},
    {.name = keys::kIdentity.name, .recipe = change, .gives_values = true},
    {.name = keys::kIdentityOptions.name, .recipe = change},
    {.name = recipes::kIdentitySequence.name, .type = ValueType::list, .derived = true},
    {.name = recipes::kIdentityNumbering.name, .type = ValueType::list, .derived = true},
    {.name = keys::kGenerated.name, .expression = true, .recipe = change, .gives_values = true},
    {.name = keys::kVirtual.name, .type = ValueType::boolean, .recipe = change},
    {.name = keys::kStorage.name, .recipe = change},
    {.name = keys::kCompression.name, .recipe = change},
    {.name = keys::kStatistics.name, .type = ValueType::integer, .recipe = change},
    {.name = keys::kOptions.name, .type = ValueType::list, .recipe = change},
    {.name = keys::kInherited.name, .type = ValueType::boolean, .derived = true},
    {.name = keys::kPosition.name, .type = ValueType::integer, .derived = true},
};

}  // namespace
}  // namespace column

constinit const KindSpec kColumn{
    .tag = {"column"},
    .keyword = "COLUMN",
    .introspect = column::introspect,
    .attributes = column::kAttributes,
    .create = column::create,
    .drop = column::drop,
    .address = column::address,
    .declare = column::declare,
    .rename = column::rename,
    .uses = column::uses,
    .grant_keyword = "COLUMN",
    .comment_inline = true,
    .holds = Holds::values,
    .drop_hazard = "drop-column",
    .saves = column::saves,
    .made_with_parent = true,
};

}  // namespace lockstep::kinds
