#include "recipes/unique_constraint.h"

#include "recipes/concurrent_index.h"
#include "recipes/relation.h"
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

plan::DataCheck no_duplicates(const Object& constraint, const UniqueConstraint& what, const Context& context) {
  const ObjectId relation = relation_of(constraint.id);
  const std::string table = relation_name(constraint.id);
  const std::string columns = identifier_list(what.columns);
  std::string present;
  for (const auto& column : what.columns) {
    if (!what.nulls_not_distinct) present += (present.empty() ? " WHERE " : " AND ") + quote_identifier(column) + " IS NOT NULL";
  }
  const std::string groups =
      "SELECT " + columns + ", count(*) FROM " + table + present + " GROUP BY " + columns + " HAVING count(*) > 1";
  bool known = true;
  for (const auto& column : what.columns) known = known && !all_new(context, relation, {column});
  return {.rule = "no two rows of " + table + " have the same (" + columns + ")",
          .count = "SELECT count(*) FROM (" + groups + ") duplicates",
          .sample = "SELECT row(" + columns + ")::text FROM (" + groups + ") duplicates LIMIT 5",
          .upfront = known};
}

void cluster(const Object& constraint, const UniqueConstraint& what, Step& step) {
  if (what.clustered)
    step.sql.push_back("ALTER TABLE " + relation_name(constraint.id) + " CLUSTER ON " + quote_identifier(what.name));
}

}  // namespace

plan::Steps add_unique(const Object& constraint, const UniqueConstraint& what, const Context& context) {
  const ObjectId relation = relation_of(constraint.id);
  const std::string named = what.name.empty() ? "" : "CONSTRAINT " + quote_identifier(what.name) + " ";
  const std::string add = "ALTER TABLE " + relation_name(constraint.id) + " ADD " + named;
  const bool adopts = context.online(relation) && !is_partitioned(context.from, relation) && !what.without_overlaps;
  Steps steps;
  if (adopts) {
    IndexText index{.unique = true, .name = what.name, .definition = {}, .tablespace = {}};
    index.definition = "USING btree (" + identifier_list(what.columns) + ")" + include_text(what) +
                       (what.nulls_not_distinct ? " NULLS NOT DISTINCT" : "") + what.with +
                       (what.tablespace.empty() ? "" : " TABLESPACE " + what.tablespace);
    steps = create_index_concurrently(constraint, relation, index, context);
    steps.front().checks = {no_duplicates(constraint, what, context)};
    steps.back().produces.clear();
  }
  Step step = step_for(constraint, "add " + catalog::to_string(constraint.id), {});
  step.sql = {add + (adopts ? std::string(what.primary ? "PRIMARY KEY" : "UNIQUE") + " USING INDEX " +
                                  quote_identifier(what.name) + what.deferrable
                            : definition(what))};
  cluster(constraint, what, step);
  step.lock = LockMode::access_exclusive;
  if (!adopts && context.online(relation)) {
    step.builds = true;
    step.bytes = context.bytes(relation);
    step.checks = {no_duplicates(constraint, what, context)};
  }
  steps.push_back(std::move(step));
  if (!context.is_new(relation) && !all_new(context, relation, what.columns)) {
    for (auto& each : steps) each.phase = Phase::contract;
    steps.front().breaking = "INSERTs and UPDATEs that repeat (" + identifier_list(what.columns) + ") fail";
  }
  return steps;
}

}  // namespace lockstep::recipes
