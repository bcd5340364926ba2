#include "recipes/concurrent_index.h"

#include <regex>

#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using plan::LockMode;
using plan::Phase;
using plan::Step;
using plan::Steps;
using plan::TransactionMode;
using support::qualified;
using support::quote_identifier;
using support::quote_literal;

namespace {

std::string regclass(const std::string& schema, const std::string& name) {
  return "pg_catalog.to_regclass(" + quote_literal(qualified(schema, name)) + ")";
}

// 'absent' | 'partial' | 'done'. Another table's index of that name is not the one: its own statement says that it's in the way.
std::string index_probe(const ObjectId& relation, const std::string& name) {
  return "SELECT CASE WHEN i.indexrelid IS NULL THEN 'absent' WHEN i.indisvalid AND i.indisready AND i.indislive THEN 'done' "
         "ELSE 'partial' END "
         "FROM (SELECT 1) one LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = " +
         regclass(relation.path[0], name) + " AND i.indrelid = " + regclass(relation.path[0], relation.path[1]);
}

// One leaf (or plain table): its own statement, settled by looking at it.
Step build(const Object& object, const ObjectId& relation, const IndexText& index, const Context& context) {
  Step step = step_for(object, "build index " + qualified(relation.path[0], index.name) + " without blocking writers", {});
  step.sql = {std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX CONCURRENTLY " + quote_identifier(index.name) +
              " ON " + qualified(relation.path) + " " + index.definition};
  step.mode = TransactionMode::outside;
  step.phase = Phase::expand;
  step.lock = LockMode::share_update_exclusive;
  step.locks = {{qualified(relation.path), step.lock}};  // no transaction to look at it from in the proof
  step.builds = true;
  step.scans = true;
  step.bytes = context.bytes(relation);
  step.postcheck = index_probe(relation, index.name);
  step.repair = "DROP INDEX CONCURRENTLY " + qualified(relation.path[0], index.name);
  return step;
}

// Named as PostgreSQL names it when the parent's index is made in one statement ("t_2026_a_b_idx"), so that both ways lead
// to the same schema; over more than plain columns, after the parent's index.
IndexText for_partition(const IndexText& index, const ObjectId& leaf) {
  static const std::regex kPlainColumns(R"(USING \w+ \(([a-z_][a-z0-9_]*(?:, [a-z_][a-z0-9_]*)*)\).*)");
  std::smatch found;
  IndexText own = index;
  if (std::regex_match(index.definition, found, kPlainColumns)) {
    own.name = short_name(leaf.path[1] + "_" + std::regex_replace(found[1].str(), std::regex(", "), "_") + "_idx");
  } else {
    own.name = short_name(leaf.path[1] + "_" + index.name);
  }
  return own;
}

Step attach(const Object& object, const ObjectId& relation, const IndexText& index, const ObjectId& leaf, const IndexText& own) {
  Step step = step_for(object, "attach index " + qualified(leaf.path[0], own.name), {});
  step.sql = {"ALTER INDEX " + qualified(relation.path[0], index.name) + " ATTACH PARTITION " +
              qualified(leaf.path[0], own.name)};
  step.lock = LockMode::access_exclusive;  // on the leaf's index only; the tables keep working
  return step;
}

std::vector<ObjectId> new_partitions(const ObjectId& relation, const Context& context) {
  std::vector<ObjectId> fresh = partitions(context.to, relation);
  std::erase_if(fresh, [&](const ObjectId& leaf) { return !context.is_new(leaf); });
  return fresh;
}

void build_partitioned(const Object& object, const ObjectId& relation, const IndexText& index, const Context& context,
                       Steps& steps) {
  Step parent = step_for(object, "create index " + qualified(relation.path[0], index.name) + " on the parent only", {});
  parent.sql = {std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX " + quote_identifier(index.name) + " ON ONLY " +
                qualified(relation.path) + " " + index.definition};
  parent.lock = LockMode::share;
  parent.produces.clear();  // not usable before its last leaf is attached
  const std::vector<ObjectId> fresh = new_partitions(relation, context);
  // Made before the index on the parent: PostgreSQL would give them one of its own otherwise.
  parent.consumes.insert(parent.consumes.end(), fresh.begin(), fresh.end());
  steps.push_back(parent);
  for (const ObjectId& leaf : partitions(context.from, relation)) {
    if (context.is_new(leaf)) continue;
    const IndexText own = for_partition(index, leaf);
    if (is_partitioned(context.from, leaf)) {
      build_partitioned(object, leaf, own, context, steps);
    } else {
      steps.push_back(build(object, leaf, own, context));
      steps.back().produces.clear();
    }
    steps.push_back(attach(object, relation, index, leaf, own));
  }
  for (const ObjectId& leaf : fresh) {
    const IndexText own = for_partition(index, leaf);
    Step direct = step_for(object, "create index " + qualified(leaf.path[0], own.name) + " on the new partition", {});
    direct.sql = {std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX " + quote_identifier(own.name) + " ON " +
                  qualified(leaf.path) + " " + index.definition};
    direct.produces.clear();
    steps.push_back(direct);
    steps.push_back(attach(object, relation, index, leaf, own));
  }
}

}  // namespace

plan::Steps create_index_concurrently(const Object& object, const ObjectId& relation, const IndexText& index,
                                      const Context& context) {
  if (!is_partitioned(context.from, relation)) return {build(object, relation, index, context)};
  Steps steps;
  build_partitioned(object, relation, index, context, steps);
  return steps;
}

plan::Steps drop_index_concurrently(const ObjectId& index) {
  const std::string name = qualified(index.path.front(), index.path.back());
  Step step;
  step.title = "drop " + catalog::to_string(index) + " without blocking";
  step.sql = {"DROP INDEX CONCURRENTLY " + name};
  step.mode = TransactionMode::outside;
  step.phase = Phase::contract;
  step.lock = LockMode::share_update_exclusive;
  step.locks = {{relation_name(index), step.lock}};
  step.destroys = {index};
  // A killed drop leaves the index behind, valid or not: then it is dropped again.
  step.postcheck =
      "SELECT CASE WHEN " + regclass(index.path.front(), index.path.back()) + " IS NULL THEN 'done' ELSE 'absent' END";
  return {step};
}

}  // namespace lockstep::recipes
