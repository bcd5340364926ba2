#include "kinds/recreation/late_foreign_key.h"

#include <map>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/partition_columns.h"
#include "kinds/registry.h"
#include "recipes/relation.h"
#include "recipes/transitional.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

constexpr int kNotValidOnPartitioned = 180000;

// Adds it NOT VALID, then validates it; of a partitioned table before 18: adds it.
Steps steps_of(const Object& key, const Context& context) {
  const Context now{.from = context.from,
                    .to = context.to,
                    .facts = context.facts,
                    .server_version = context.server_version,
                    .is_new = [&](const ObjectId& one) { return !context.from.contains(one); },
                    .online = [](const ObjectId&) { return true; },
                    .default_privileges = context.default_privileges};
  Steps steps = of(key.id).create(key, now);
  for (Step& step : steps) {
    step.phase = plan::Phase::contract;
    step.produces.clear();
    step.consumes.clear();
    step.checks.clear();
    step.breaking.clear();
  }
  return steps;
}

}  // namespace

bool is_late_foreign_key(const ObjectId& id, const Context& context) {
  return id.is(kForeignKey.tag) &&
         (recipes::is_partitioned(context.from, recipes::relation_of(id)) ||
          recipes::is_partitioned(context.from, {&kTable.tag, context.from.find(id)->get(keys::kReferences)}));
}

LateForeignKey late_foreign_key(const ObjectId& id, const std::string& successor, const Context& context) {
  LateForeignKey late;
  const Object& key = *context.to.find(id);
  const ObjectId table = recipes::relation_of(id);
  late.whole = !recipes::is_partitioned(context.from, table) || context.server_version >= kNotValidOnPartitioned;
  std::vector<ObjectId> relations{table};
  if (!late.whole) relations = with_partitions(table, context.from);
  for (const ObjectId& relation : relations) {
    if (!late.whole && recipes::is_partitioned(context.from, relation)) continue;
    Object own = key;
    own.id.path = {relation.path[0], relation.path[1], late.whole ? id.path[2] : successor};
    Steps steps = steps_of(own, context);
    late.added.insert(late.added.end(), steps.front().sql.begin(), steps.front().sql.end());
    if (!late.whole) late.helpers.push_back(recipes::constraint_helper("a partition's share", own.id, successor));
    for (std::size_t next = 1; next < steps.size(); ++next) {
      steps[next].locks = locks_of_all(relation, steps[next].lock, context);
      steps[next].locks.push_back({support::qualified(key.get(keys::kReferences)), plan::LockMode::row_share});
      late.after.push_back(std::move(steps[next]));
    }
  }
  if (late.whole) return late;
  for (Step& step : steps_of(key, context)) {
    step.title = "add " + catalog::to_string(id) + ", which takes over those of the partitions";
    step.scans = false;
    step.lock = plan::LockMode::access_exclusive;  // PostgreSQL drops the triggers of the shares, on both sides
    step.produces = {id};
    for (const auto& made : late.helpers) {
      step.helpers.push_back(recipes::taken(made));
      step.sql.push_back("ALTER TABLE " + support::qualified(made.names[0], made.names[1]) + " RENAME CONSTRAINT " +
                         support::quote_identifier(successor) + " TO " + support::quote_identifier(id.path[2]));
    }
    late.after.push_back(std::move(step));
  }
  return late;
}

}  // namespace lockstep::kinds
