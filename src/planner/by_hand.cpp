// What the files don't manage about an object that is dropped and created again, also as another kind (a view becomes a
// materialized one), or a table that another relation replaces:
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

const Object* other_form(const Input& input, const ObjectId& made) {
  const auto stores_nothing = [](const ObjectId& id) {
    const auto& kind = kinds::of(id);
    return kind.is_relation() && kind.is_used_by_statements() && kind.is_only_definition() && id.path.size() == 2;
  };
  if (!stores_nothing(made) || input.from.contains(made)) return nullptr;
  for (const Change& change : input.changes) {
    const bool gives_name = change.what == Change::What::removed && change.id.path == made.path && stores_nothing(change.id);
    if (gives_name) return input.from.find(change.id);
  }
  return nullptr;
}

plan::Steps said_by_hand(const Input& input, const ObjectId& former, const ObjectId& now, const kinds::Context& context) {
  const bool same = former == now;
  kinds::Context before{.from = input.from,
                        .to = same ? input.from : input.to,
                        .server_version = input.server_version,
                        .is_new = context.is_new,
                        .online = context.online,
                        .default_privileges = input.default_privileges,
                        .manages_every_grant = true};
  plan::Steps steps;
  const auto add = [&](const ObjectId& target, std::vector<std::string> sql) {
    if (sql.empty()) return;
    steps.push_back({.title = "restore the privileges, comments and labels of " + catalog::to_string(now),
                     .lock = plan::LockMode::access_exclusive});
    steps.back().sql = std::move(sql);
    steps.back().consumes = {target};
  };
  const bool by_files = states_privileges(input.to, now) || input.manages_every_grant;
  if (!by_files) add(now, kinds::without_default_privileges(same ? *input.from.find(now) : *input.to.find(now), before));
  for_subtree(input.from, *input.from.index_of(former), [&](Index index) {
    Object object = input.from.at(index);
    if (!kinds::of(object.id).is_satellite()) return;
    const bool privilege = kinds::of(object.id).placement == kinds::Placement::target_by_role;
    // What is about a thing that goes for its other form goes with it, whether or not a file states it.
    if ((same || input.way_back) && is_removed(input, object.id)) return;
    if (!same && by_files && privilege) return;
    if (!same && kinds::target_of(object.id) == former) {
      object.id.path.set(0, std::string(now.kind->name));
      object.parent = now;
    }
    const ObjectId target = kinds::target_of(object.id);
    if (input.to.contains(object.id) || !input.to.contains(target)) return;
    std::vector<std::string> sql;
    for (const plan::Step& step : kinds::of(object.id).create(object, before))
      sql.insert(sql.end(), step.sql.begin(), step.sql.end());
    add(target, std::move(sql));
  });
  return steps;
}

}  // namespace lockstep::planner
