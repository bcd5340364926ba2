#include "recipes/clustering.h"

#include <algorithm>

#include "catalog/keys.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::recipes {
namespace {

// A table is clustered by one index, so CLUSTER ON another one clears the flag of this one.
bool another_clustered(const Object& index, const Context& context) {
  const auto table = context.to.index_of(relation_of(index.id));
  if (!table) return false;
  const auto& children = context.to.children(*table);
  return std::any_of(children.begin(), children.end(), [&](const auto child) {
    return context.to.at(child).id != index.id && context.to.at(child).value(keys::kClustered.name) == catalog::Value(true);
  });
}

}  // namespace

plan::Steps change_clustered(const Object& to, const Context& context) {
  const bool clustered = to.get(keys::kClustered);
  if (!clustered && another_clustered(to, context)) return {};
  const std::string name = catalog::to_string(to.id);
  plan::Step step =
      step_for(to, clustered ? "cluster by " + name : "no longer cluster by " + name,
               {"ALTER TABLE " + relation_name(to.id) +
                (clustered ? " CLUSTER ON " + support::quote_identifier(to.id.path[2]) : std::string(" SET WITHOUT CLUSTER"))});
  step.lock = plan::LockMode::share_update_exclusive;
  return {step};
}

}  // namespace lockstep::recipes
