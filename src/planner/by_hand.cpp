// What the files don't manage about an object that is dropped and created again, or a table that another relation replaces:
// privileges, comments and labels that were given by hand. The new one gets them too, and nothing more by default privileges.
#include <algorithm>

#include "kinds/registry.h"
#include "planner/draft.h"

namespace lockstep::planner {

using catalog::Change;
using catalog::Index;
using catalog::Object;
using catalog::ObjectId;

namespace {

bool is_removed(const Input& input, const ObjectId& id) {
  return std::any_of(input.changes.begin(), input.changes.end(),
                     [&](const Change& change) { return change.what == Change::What::removed && change.id == id; });
}

// Whether the files say who may do what with it.
bool states_privileges(const catalog::Catalog& catalog, const ObjectId& table) {
  const auto& parts = catalog.children(*catalog.index_of(table));
  return std::any_of(parts.begin(), parts.end(), [&](const Index part) {
    return kinds::of(catalog.at(part).id).placement == kinds::Placement::target_by_role;
  });
}

}  // namespace

plan::Steps said_by_hand(const Input& input, const ObjectId& table, const kinds::Context& context) {
  kinds::Context before{.from = input.from,
                        .to = input.from,
                        .server_version = input.server_version,
                        .is_new = context.is_new,
                        .online = context.online,
                        .default_privileges = input.default_privileges,
                        .manages_every_grant = true};
  plan::Steps steps;
  const auto add = [&](const ObjectId& target, std::vector<std::string> sql) {
    if (sql.empty()) return;
    steps.push_back({.title = "restore the privileges, comments and labels of " + catalog::to_string(table),
                     .lock = plan::LockMode::access_exclusive});
    steps.back().sql = std::move(sql);
    steps.back().consumes = {target};
  };
  if (!states_privileges(input.to, table) && !input.manages_every_grant)
    add(table, kinds::without_default_privileges(*input.from.find(table), before));
  for_subtree(input.from, *input.from.index_of(table), [&](Index index) {
    const Object& object = input.from.at(index);
    if (!kinds::of(object.id).is_satellite() || input.to.contains(object.id) || is_removed(input, object.id)) return;
    const ObjectId target = kinds::target_of(object.id);
    if (!input.to.contains(target)) return;
    std::vector<std::string> sql;
    for (const plan::Step& step : kinds::of(object.id).create(object, before))
      sql.insert(sql.end(), step.sql.begin(), step.sql.end());
    add(target, std::move(sql));
  });
  return steps;
}

}  // namespace lockstep::planner
