#include "recipes/partitioned_successor.h"

#include <algorithm>

#include "catalog/keys.h"
#include "recipes/relation.h"
#include "recipes/share_names.h"
#include "recipes/successor.h"
#include "recipes/transitional.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using plan::LockMode;
using plan::Step;
using plan::Steps;
using support::qualified;
using support::quote_identifier;

namespace {

std::string renamed(const std::string& schema, const std::string& from, const std::string& to) {
  return "ALTER INDEX " + qualified(schema, from) + " RENAME TO " + quote_identifier(to);
}

void add_shares(const ObjectId& relation, const IndexText& built, const IndexText& own, const Context& context,
                std::vector<ShareName>& shares) {
  for (const ObjectId& part : partitions(context.to, relation)) {
    const IndexText share = share_of(built, part), wanted = share_of(own, part);
    shares.push_back({part.path[0], share.name, wanted.name});
    if (!context.is_new(part) && is_partitioned(context.from, part)) add_shares(part, share, wanted, context, shares);
  }
}

bool key_serves(const Catalog& side, const ObjectId& relation, const std::string& index) {
  const auto parts = partitions(side, relation);
  return std::any_of(parts.begin(), parts.end(), [&](const ObjectId& part) {
    return key_attached_to(side, part, index).has_value() || key_serves(side, part, index);
  });
}

// A table with indexes of its own becomes a partition in this plan: PostgreSQL makes those shares of the old index that equal it.
bool joins_with_indexes(const ObjectId& relation, const Object& like, const Context& context) {
  const auto before = partitions(context.from, relation), after = partitions(context.to, relation);
  return std::any_of(after.begin(), after.end(), [&](const ObjectId& part) {
    const auto index = context.from.index_of(part);
    if (!index) return false;
    if (std::find(before.begin(), before.end(), part) != before.end()) return joins_with_indexes(part, like, context);
    const auto& children = context.from.children(*index);
    return std::any_of(children.begin(), children.end(),
                       [&](const auto child) { return context.from.at(child).id.is(*like.id.kind); });
  });
}

Step take_over(const Object& from, const Object& to, const IndexText& successor, const IndexText& index, const Context& context) {
  const std::string schema = to.id.path[0], name = to.id.path[2];
  Step step = step_for(to, "put the successor in the place of " + catalog::to_string(to.id), {});
  step.sql = {"DROP INDEX " + qualified(schema, name), renamed(schema, successor.name, name)};
  std::vector<ShareName> shares;
  add_shares(relation_of(to.id), successor, index, context, shares);
  for (auto& statement : name_shares(shares)) step.sql.push_back(std::move(statement));
  for (auto& statement : said_again(from, to, "INDEX " + qualified(schema, name), context))
    step.sql.push_back(std::move(statement));
  step.lock = LockMode::access_exclusive;
  return step;
}

}  // namespace

bool is_rebuilt_in_place(const Object& from, const Object& to, const Context& context) {
  const ObjectId relation = relation_of(to.id);
  if (joins_with_indexes(relation, to, context)) return true;
  return from.has(keys::kValid) || to.has(keys::kValid) || key_serves(context.from, relation, from.id.path[2]) ||
         key_serves(context.to, relation, to.id.path[2]);
}

Steps succeed_partitioned_index(const Object& from, const Object& to, const IndexText& index, bool has_expressions,
                                const std::function<std::vector<std::string>(const std::string& name)>& settings,
                                const Context& context) {
  IndexText successor = index;
  successor.name = successor_name(to.id, context);
  successor.successor = true;
  Steps steps = create_index_concurrently(to, relation_of(to.id), successor, context);
  const std::vector<ObjectId> partitions_first = steps.front().consumes;
  built_ahead(steps.front(), to, context);
  steps.front().consumes.insert(steps.front().consumes.end(), partitions_first.begin(), partitions_first.end());
  const auto built = taken(steps.front());
  if (auto sql = settings(successor.name); !sql.empty()) {
    steps.push_back(step_for(to, "settings of the successor of " + catalog::to_string(to.id), std::move(sql)));
    steps.back().lock = LockMode::access_exclusive;
    steps.back().produces.clear();
  }
  if (has_expressions) steps.push_back(collect_statistics(to));
  for (Step& step : steps) step.prepares = true;
  steps.push_back(take_over(from, to, successor, index, context));
  steps.back().helpers = built;
  return steps;
}

}  // namespace lockstep::recipes
