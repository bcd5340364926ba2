#include "recipes/unique_constraint.h"

#include <algorithm>
#include <set>

#include "catalog/keys.h"
#include "recipes/arbiter.h"
#include "recipes/concurrent_index.h"
#include "recipes/conversion.h"
#include "recipes/relation.h"
#include "recipes/successor.h"
#include "recipes/transitional.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using plan::LockMode;
using plan::Phase;
using plan::Step;
using plan::Steps;
using support::identifier_list;
using support::quote_identifier;

namespace {

std::string include_text(const UniqueConstraint& what) {
  return what.include.empty() ? "" : " INCLUDE (" + identifier_list(what.include) + ")";
}

std::string definition(const UniqueConstraint& what) {
  return std::string(what.primary ? "PRIMARY KEY" : "UNIQUE") + (what.nulls_not_distinct ? " NULLS NOT DISTINCT" : "") + " (" +
         identifier_list(what.columns) + (what.without_overlaps ? " WITHOUT OVERLAPS" : "") + ")" + include_text(what) +
         what.with + (what.tablespace.empty() ? "" : " USING INDEX TABLESPACE " + what.tablespace) + what.deferrable;
}

// Of rows in the order of their periods, one that overlaps any other of the same key has a neighbour that it overlaps.
plan::DataCheck no_overlaps(const std::string& table, const catalog::List& columns, const std::string& present, bool known) {
  const std::string period = quote_identifier(columns.back()), all = identifier_list(columns);
  const std::string key = identifier_list(catalog::List(columns.begin(), columns.end() - 1));
  const std::string rows = " FROM (SELECT " + all + ", pg_catalog.lag(" + period + ") OVER (PARTITION BY " + key + " ORDER BY " +
                           period + ") AS lockstep_before FROM " + table + present + ") r WHERE " + period +
                           " OPERATOR(pg_catalog.&&) lockstep_before OR pg_catalog.isempty(" + period + ")";
  return {.rule = "no two rows of " + table + " with the same (" + key + ") overlap in " + period + ", and none is empty",
          .count = "SELECT count(*)" + rows,
          .sample = "SELECT row(" + all + ")::text" + rows + " LIMIT 5",
          .upfront = known};
}

plan::DataCheck no_duplicates(const Object& constraint, const UniqueConstraint& what, const Context& context) {
  const ObjectId relation = relation_of(constraint.id);
  const std::string table = relation_name(constraint.id);
  const std::string columns = identifier_list(what.columns);
  std::string present;
  for (const auto& column : what.columns) {
    if (!what.nulls_not_distinct)
      present += (present.empty() ? " WHERE " : " AND ") + quote_identifier(column) + " IS DISTINCT FROM NULL";
  }
  const std::string groups =
      "SELECT " + columns + ", count(*) FROM " + table + present + " GROUP BY " + columns + " HAVING count(*) > 1";
  bool known = !is_converted(relation, what.columns, context);
  for (const auto& column : what.columns) known = known && !all_new(context, relation, {column});
  if (what.without_overlaps) return no_overlaps(table, what.columns, present, known);
  return {.rule = "no two rows of " + table + " have the same (" + columns + ")",
          .count = "SELECT count(*) FROM (" + groups + ") duplicates",
          .sample = "SELECT row(" + columns + ")::text FROM (" + groups + ") duplicates LIMIT 5",
          .upfront = known};
}

// Whether an index is built first and then adopted by the constraint.
bool adopts(const ObjectId& relation, const UniqueConstraint& what, const Context& context) {
  return context.online(relation) && !is_partitioned(context.from, relation) && !what.without_overlaps;
}

Steps build_index(const Object& constraint, const UniqueConstraint& what, const std::string& name, const Context& context) {
  IndexText index{.unique = true, .name = name, .definition = {}, .tablespace = {}, .successor = true};
  index.definition = "USING btree (" + identifier_list(what.columns) + ")" + include_text(what) +
                     (what.nulls_not_distinct ? " NULLS NOT DISTINCT" : "") + what.with +
                     (what.tablespace.empty() ? "" : " TABLESPACE " + what.tablespace);
  Steps steps = create_index_concurrently(constraint, relation_of(constraint.id), index, context);
  steps.back().produces.clear();
  return steps;
}

std::string add_statement(const Object& constraint, const UniqueConstraint& what, const std::string& index) {
  const std::string named = what.name.empty() ? "" : "CONSTRAINT " + quote_identifier(what.name) + " ";
  return "ALTER TABLE " + relation_name(constraint.id) + " ADD " + named +
         (index.empty() ? definition(what)
                        : std::string(what.primary ? "PRIMARY KEY" : "UNIQUE") + " USING INDEX " + quote_identifier(index) +
                              what.deferrable);
}

// Whether every pair of rows that the new constraint refuses was refused by the old one.
bool implied(const UniqueConstraint& before, const UniqueConstraint& what) {
  return !before.without_overlaps && before.deferrable.empty() && (before.nulls_not_distinct || !what.nulls_not_distinct) &&
         std::all_of(before.columns.begin(), before.columns.end(), [&](const std::string& column) {
           return std::find(what.columns.begin(), what.columns.end(), column) != what.columns.end();
         });
}

// Whether a statement's ON CONFLICT can no longer use the constraint: it names exactly the columns, and accepts no deferrable
// key.
bool no_arbiter(const UniqueConstraint& before, const UniqueConstraint& what) {
  const std::set<std::string> old(before.columns.begin(), before.columns.end()), now(what.columns.begin(), what.columns.end());
  return before.deferrable.empty() && (old != now || !what.deferrable.empty());
}

// Whether something in the schema has the name, and has to give it up first; perhaps something that doesn't stand in the way.
bool stands(const std::string& name, const std::string& schema, const Context& context) {
  const auto& objects = context.from.objects();
  return std::any_of(objects.begin(), objects.end(),
                     [&](const Object& object) { return object.id.path.front() == schema && object.id.path.back() == name; });
}

void cluster(const Object& constraint, const UniqueConstraint& what, Step& step) {
  if (what.clustered)
    step.sql.push_back("ALTER TABLE " + relation_name(constraint.id) + " CLUSTER ON " + quote_identifier(what.name));
}

}  // namespace

std::string add_to_table_only(const Object& constraint, const UniqueConstraint& what) {
  return "ALTER TABLE ONLY " + relation_name(constraint.id) + " ADD CONSTRAINT " + quote_identifier(what.name) + " " +
         definition(what);
}

std::string adopt_index(const Object& constraint, const UniqueConstraint& what, const std::string& index) {
  return add_statement(constraint, what, index);
}

plan::Steps add_unique(const Object& constraint, const UniqueConstraint& what, const Context& context) {
  const ObjectId relation = relation_of(constraint.id);
  const bool adopt = adopts(relation, what, context);
  Steps steps;
  if (adopt) {
    steps = build_index(constraint, what, what.name, context);
    steps.front().checks = {no_duplicates(constraint, what, context)};
    const bool served = constraint.has(keys::kAttachedTo);  // the parent's index is created afterwards, and attaches it
    if (!served && !stands(what.name, constraint.id.path[0], context)) built_ahead(steps.front(), constraint, context);
  }
  Step step = step_for(constraint, "add " + catalog::to_string(constraint.id), {});
  step.sql = {add_statement(constraint, what, adopt ? what.name : "")};
  cluster(constraint, what, step);
  for (auto& statement : identifies_again(constraint, context)) step.sql.push_back(std::move(statement));
  if (adopt) step.helpers = taken(steps.front());
  step.lock = LockMode::access_exclusive;
  if (!adopt && context.online(relation)) {
    step.builds = true;
    step.bytes = context.bytes(relation);
    step.checks = {no_duplicates(constraint, what, context)};
  }
  steps.push_back(std::move(step));
  if (!context.is_new(relation) && !all_new(context, relation, what.columns)) {
    for (auto& each : steps) each.phase = Phase::contract;
    steps.front().breaking = "INSERTs and UPDATEs that repeat (" + identifier_list(what.columns) + ")" +
                             (what.without_overlaps ? " in overlapping periods" : "") + " fail";
  }
  return steps;
}

plan::Steps change_unique(const Object& from, const Object& to, const UniqueConstraint& before, const UniqueConstraint& what,
                          const std::string& named, const Context& context) {
  const ObjectId relation = relation_of(to.id);
  const std::string name = catalog::to_string(to.id);
  const bool adopt = adopts(relation, what, context);
  const std::string successor = adopt ? successor_name(to.id, context) : "";
  Steps steps;
  if (adopt) {
    steps = build_index(to, what, successor, context);
    steps.front().produces = {to.id};  // consent refers to it
    steps.front().title = "build the successor of " + name + " without blocking writers";
  }
  Step step = step_for(to, (adopt ? "put the successor in the place of " : "drop and recreate ") + name, {});
  step.sql = {"ALTER TABLE " + relation_name(to.id) + " DROP CONSTRAINT " + quote_identifier(what.name),
              add_statement(to, what, successor)};
  cluster(to, what, step);
  for (auto& statement : said_again(from, to, named, context)) step.sql.push_back(std::move(statement));
  if (adopt) step.helpers = taken(steps.front());
  // steps of objects that depended on the old one, or that may not exist beside the new one, run after it
  step.destroys = {from.id};
  step.awaits = takes_over(from, context);
  step.lock = LockMode::access_exclusive;
  if (!adopt && context.online(relation)) {
    step.builds = true;
    step.bytes = context.bytes(relation);
  }
  steps.push_back(std::move(step));
  for (auto& each : steps) each.phase = Phase::contract;
  if (adopt)
    built_ahead(steps.front(), to, context);
  else
    steps.front().consumes = leans_on(to, context);
  if (implied(before, what)) {
    if (no_arbiter(before, what))
      steps.back().breaking =
          "INSERT … ON CONFLICT (" + identifier_list(before.columns) + ") fails, and rows that it refused are let in";
    return steps;
  }
  if (context.online(relation)) steps.front().checks = {no_duplicates(to, what, context)};
  steps.front().breaking = "INSERTs and UPDATEs that repeat (" + identifier_list(what.columns) + ")" +
                           (what.without_overlaps ? " in overlapping periods" : "") + " fail";
  return steps;
}

}  // namespace lockstep::recipes
