// Sequences on their own or owned by a column; those of identity columns are part of the column.
// Options are compared with PostgreSQL's defaults for the type and direction, so that "absent" means the same everywhere.
#include <limits>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/printing/plain_steps.h"
#include "recipes/numbering.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace sequence {
namespace {

constexpr Attr<std::int64_t> kCache{"cache"};
constexpr Attr<bool> kCycle{"cycle"};

std::string address(const ObjectId& id) {
  return support::qualified(id.path[0], id.path[1]);
}

std::int64_t or_else(const Object& object, Attr<std::int64_t> key, std::int64_t otherwise) {
  return object.has(key) ? object.get(key) : otherwise;
}
bool ascends(const Object& object) {
  return or_else(object, keys::kIncrement, 1) > 0;
}

std::int64_t largest(const Object& object) {
  const std::string type = object.get(keys::kType);
  if (type == "smallint") return std::numeric_limits<std::int16_t>::max();
  return type == "integer" ? std::numeric_limits<std::int32_t>::max() : std::numeric_limits<std::int64_t>::max();
}

std::int64_t minimum(const Object& object) {
  return or_else(object, keys::kMinimum, ascends(object) ? 1 : -largest(object) - 1);
}
std::int64_t maximum(const Object& object) {
  return or_else(object, keys::kMaximum, ascends(object) ? largest(object) : -1);
}
std::int64_t start(const Object& object) {
  return or_else(object, keys::kStart, ascends(object) ? minimum(object) : maximum(object));
}

// " START WITH 5 …": the options that are stated.
std::string options(const Object& object) {
  std::string text;
  const auto number = [&](Attr<std::int64_t> key, std::string_view word) {
    if (object.has(key)) text += " " + std::string(word) + " " + std::to_string(object.get(key));
  };
  if (object.has(keys::kType)) text += " AS " + object.get(keys::kType);
  number(keys::kStart, "START WITH");
  number(keys::kIncrement, "INCREMENT BY");
  number(keys::kMinimum, "MINVALUE");
  number(keys::kMaximum, "MAXVALUE");
  number(kCache, "CACHE");
  return object.get(kCycle) ? text + " CYCLE" : text;
}

// Moves a sequence that was never used into its new bounds, because PostgreSQL refuses them otherwise. setval() checks the
// present bounds, so the union of old and new bounds is set for that moment.
std::vector<std::string> unused_from_start(const Object& from, const Object& to, const std::string& out_of_bounds) {
  const bool wider = largest(to) > largest(from);
  const std::string both = alter(kSequence, to.id) +
                           (wider ? " AS " + (to.has(keys::kType) ? to.get(keys::kType) : std::string("bigint")) : "") +
                           " MINVALUE " + std::to_string(std::min(minimum(from), minimum(to))) + " MAXVALUE " +
                           std::to_string(std::max(maximum(from), maximum(to)));
  return {both, "SELECT pg_catalog.setval(" + support::quote_literal(address(to.id)) + ", " + std::to_string(start(to)) +
                    ", false) FROM " + address(to.id) + " WHERE NOT is_called AND " + out_of_bounds};
}

Steps change_options(const Change&, const Object& from, const Object& to, const Context&) {
  std::string sql = alter(kSequence, to.id);
  if (from.get(keys::kType) != to.get(keys::kType))
    sql += " AS " + (to.has(keys::kType) ? to.get(keys::kType) : std::string("bigint"));
  sql += " INCREMENT BY " + std::to_string(or_else(to, keys::kIncrement, 1));
  sql += " MINVALUE " + std::to_string(minimum(to)) + " MAXVALUE " + std::to_string(maximum(to));
  if (start(from) != start(to)) sql += " START WITH " + std::to_string(start(to));
  if (from.get(kCache) != to.get(kCache)) sql += " CACHE " + std::to_string(or_else(to, kCache, 1));
  if (from.get(kCycle) != to.get(kCycle)) sql += to.get(kCycle) ? " CYCLE" : " NO CYCLE";
  Step step = recipes::step_for(to, "alter " + catalog::to_string(to.id), {sql});
  step.lock = plan::LockMode::share_row_exclusive;
  if (minimum(to) > minimum(from) || maximum(to) < maximum(from)) {
    step.phase = plan::Phase::contract;
    step.breaking = catalog::to_string(to.id) + " runs out of values earlier";
    const std::string out_of_bounds =
        "last_value NOT BETWEEN " + std::to_string(minimum(to)) + " AND " + std::to_string(maximum(to));
    const std::string outside = " FROM " + address(to.id) + " WHERE is_called AND " + out_of_bounds;
    const auto move = unused_from_start(from, to, out_of_bounds);
    step.sql.insert(step.sql.begin(), move.begin(), move.end());
    step.checks.push_back({.rule = "the last value of " + catalog::to_string(to.id) + " is within its new bounds",
                           .count = "SELECT count(*)" + outside,
                           .sample = "SELECT last_value" + outside});
  }
  return {std::move(step)};
}

// A sequence and the table of its column must have one owner, so it gets the table's.
Step owned_by(const Object& to, const Context& context) {
  const List column = to.get(keys::kOwnedBy);
  Step step;
  step.title = "tie " + catalog::to_string(to.id) + " to its column";
  step.lock = plan::LockMode::access_exclusive;  // on the sequence; on the tables less
  if (column.size() != 3) {
    step.title = "untie " + catalog::to_string(to.id) + " from its column";
    step.sql = {alter(kSequence, to.id) + " OWNED BY NONE"};
    return step;
  }
  const ObjectId table{&kTable.tag, {column[0], column[1]}};
  const Object* owner = context.to.find(table);
  if (owner == nullptr || !owner->has(kOwner)) owner = context.from.find(table);
  const Object* before = context.from.find(to.id);
  if (before != nullptr && before->has(keys::kOwnedBy) && !context.elaborating)  // as long as it is tied nobody else can own it
    step.sql.push_back(alter(kSequence, to.id) + " OWNED BY NONE");
  if (owner != nullptr && owner->has(kOwner) && !context.elaborating) {
    step.sql.push_back(alter(kSequence, to.id) + " " + owner_clause(*owner));
  } else if (before != nullptr && context.is_new(table) && !context.elaborating) {
    step.sql.push_back(alter(kSequence, to.id) + " OWNER TO CURRENT_USER");  // the role that creates the table
  }
  step.sql.push_back(alter(kSequence, to.id) + " OWNED BY " + support::qualified(column));
  step.consumes = {table, {&kColumn.tag, column}};
  return step;
}

Steps change_owned_by(const Change&, const Object&, const Object& to, const Context& context) {
  Step step = owned_by(to, context);
  step.produces = {to.id};
  return {std::move(step)};
}

Steps change_logging(const Change&, const Object&, const Object& to, const Context&) {
  Step step = recipes::step_for(to, "alter " + catalog::to_string(to.id),
                                {alter(kSequence, to.id) + (to.get(keys::kUnlogged) ? " SET UNLOGGED" : " SET LOGGED")});
  step.lock = plan::LockMode::access_exclusive;
  return {std::move(step)};
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kType.name, .recipe = change_options},
    {.name = keys::kStart.name, .type = ValueType::integer, .recipe = change_options},
    {.name = keys::kIncrement.name, .type = ValueType::integer, .recipe = change_options},
    {.name = keys::kMinimum.name, .type = ValueType::integer, .recipe = change_options},
    {.name = keys::kMaximum.name, .type = ValueType::integer, .recipe = change_options},
    {.name = kCache.name, .type = ValueType::integer, .recipe = change_options},
    {.name = kCycle.name, .type = ValueType::boolean, .recipe = change_options},
    {.name = keys::kUnlogged.name, .type = ValueType::boolean, .recipe = change_logging},
    {.name = keys::kOwnedBy.name, .type = ValueType::list, .recipe = change_owned_by},
    kOwnerAttribute,
};

std::string introspect(int) {
  return "SELECT 'pg_class'::regclass::oid, q.oid, 0, 'pg_namespace'::regclass::oid, q.relnamespace, 0, q.relname::text, "
         "NULL::text,"
         " nullif(q.type, 'bigint') AS type,"
         " nullif(q.seqstart, CASE WHEN q.seqincrement > 0 THEN q.seqmin ELSE q.seqmax END) AS start,"
         " nullif(q.seqincrement, 1) AS increment,"
         " nullif(q.seqmin, CASE WHEN q.seqincrement > 0 THEN 1 ELSE -q.largest - 1 END) AS minimum,"
         " nullif(q.seqmax, CASE WHEN q.seqincrement > 0 THEN q.largest ELSE -1 END) AS maximum,"
         " nullif(q.seqcache, 1) AS cache, nullif(q.seqcycle, false) AS cycle, nullif(q.relpersistence = 'u', false) AS unlogged,"
         " o.path AS owned_by,"
         // Owned by a column: the owner is the table's and can't be set separately.
         " CASE WHEN o.path IS NULL THEN pg_get_userbyid(q.relowner)::text END AS owner"
         " FROM (SELECT c.*, s.*, n.nspname, format_type(s.seqtypid, NULL) AS type,"
         "   CASE s.seqtypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 ELSE 9223372036854775807 END "
         "AS largest"
         "  FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid JOIN pg_namespace n ON n.oid = c.relnamespace) q"
         " LEFT JOIN LATERAL (SELECT ARRAY[tn.nspname::text, t.relname::text, a.attname::text] AS path, d.deptype FROM pg_depend "
         "d"
         "   JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace tn ON tn.oid = t.relnamespace"
         "   JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid"
         "   WHERE d.classid = 'pg_class'::regclass AND d.objid = q.oid AND d.objsubid = 0 AND d.refclassid = "
         "'pg_class'::regclass"
         "    AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')) o ON true"
         " WHERE o.deptype IS DISTINCT FROM 'i' AND " +
         user_schema("q");
}

// Two steps: OWNED BY needs the column, and the column's table may need the sequence for its defaults.
Steps create(const Object& object, const Context& context) {
  const std::string unlogged = object.get(keys::kUnlogged) ? "UNLOGGED " : "";
  Steps steps = {recipes::step_for(object, "create " + catalog::to_string(object.id),
                                   {"CREATE " + unlogged + "SEQUENCE " + address(object.id) + options(object)})};
  if (object.has(keys::kOwnedBy)) {
    steps.push_back(owned_by(object, context));
    steps.back().lock = plan::LockMode::access_share;  // on the table; the sequence is new
    steps.back().alters = {keys::kOwnedBy.name};
  }
  return steps;
}

Steps drop(const Object& object, const Context& context) {
  if (recipes::is_handed_over(context, object.id)) return {};
  return {drop_step(kSequence, object, context, plan::LockMode::access_exclusive,
                    "statements that use " + described(kSequence, object.id) + " fail")};
}

std::string saves(const Object& object) {
  return "SELECT last_value, is_called FROM " + address(object.id);
}

std::string declare(const Object& object, const Catalog&) {
  std::string text = "sequence " + support::quote_identifier(object.id.path[1]);
  const auto number = [&](Attr<std::int64_t> key, std::string_view word) {
    if (object.has(key)) text += " " + std::string(word) + " " + std::to_string(object.get(key));
  };
  if (object.has(keys::kType)) text += " as " + object.get(keys::kType);
  number(keys::kStart, "start");
  number(keys::kIncrement, "increment");
  number(keys::kMinimum, "minimum");
  number(keys::kMaximum, "maximum");
  number(kCache, "cache");
  if (object.get(kCycle)) text += " cycle";
  if (object.get(keys::kUnlogged)) text += " unlogged";
  List column = object.get(keys::kOwnedBy);
  if (column.size() == 3 && column[0] == object.id.path[0]) column.erase(column.begin());
  if (!column.empty()) text += " owned by " + support::qualified(column);
  return text;
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_steps(from, to, alter(kSequence, from) + " RENAME TO " + support::quote_identifier(to.path[1]));
}

}  // namespace
}  // namespace sequence

constinit const KindSpec kSequence{
    .tag = {"sequence"},
    .keyword = "SEQUENCE",
    .introspect = sequence::introspect,
    .attributes = sequence::kAttributes,
    .create = sequence::create,
    .drop = sequence::drop,
    .address = sequence::address,
    .declare = sequence::declare,
    .rename = sequence::rename,
    .grant_keyword = "SEQUENCE",
    .joins_clauses = false,
    .drop_hazard = "drop-object",
    .saves = sequence::saves,
    .name_scope = NameScope::relations,
};

}  // namespace lockstep::kinds
