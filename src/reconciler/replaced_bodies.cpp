#include "reconciler/replaced_bodies.h"

#include <algorithm>

#include "kinds/names/renamed.h"
#include "planner/planner.h"
#include "support/sql_text.h"

namespace lockstep::reconciler {
namespace {

// nullptr: none.
plan::Step* renames_a_table_of(const plan::Step& replaces, plan::Plan& plan, const catalog::Catalog& declared) {
  for (const catalog::ObjectId& id : replaces.produces) {
    const auto index = declared.index_of(id);
    if (!index) continue;
    for (const auto& edge : declared.edges_to(*index)) {
      const catalog::ObjectId& table = declared.at(declared.root(edge.dependent)).id;
      for (plan::Step& step : plan.steps) {
        const bool renames =
            step.renames && std::any_of(step.produces.begin(), step.produces.end(),
                                        [&](const catalog::ObjectId& made) { return kinds::is_within(made, table); });
        if (renames) return &step;
      }
    }
  }
  return nullptr;
}

void join_body(plan::Step& rename, plan::Step body) {
  rename.title += ", and " + body.title;
  rename.sql.insert(rename.sql.end(), body.sql.begin(), body.sql.end());
  rename.produces.insert(rename.produces.end(), body.produces.begin(), body.produces.end());
  for (const auto& lock : body.locks) plan::add_lock(rename.locks, lock);
  plan::join_breaking(rename, support::join(rename.produces.front().path, "."), body,
                      support::join(body.produces.front().path, "."));
  rename.losses.insert(rename.losses.end(), body.losses.begin(), body.losses.end());
  rename.consequences.insert(rename.consequences.end(), body.consequences.begin(), body.consequences.end());
  for (const auto& schema : body.search_path) {
    if (std::find(rename.search_path.begin(), rename.search_path.end(), schema) == rename.search_path.end())
      rename.search_path.push_back(schema);
  }
  auto& undo = rename.undo;
  undo.steps.insert(undo.steps.begin(), body.undo.steps.begin(), body.undo.steps.end());
  undo.lost.insert(undo.lost.end(), body.undo.lost.begin(), body.undo.lost.end());
  if (undo.refused.empty()) undo.refused = body.undo.refused;
}

}  // namespace

void add_replaced_bodies(plan::Plan& plan, plan::Steps replaced, const catalog::Catalog& declared) {
  for (plan::Step& step : replaced) {
    step.phase = plan::Phase::contract;
    if (plan::Step* rename = renames_a_table_of(step, plan, declared)) {
      join_body(*rename, std::move(step));
    } else {
      plan.steps.insert(planner::first_of(plan.steps, plan::Phase::purge), std::move(step));
    }
  }
}

}  // namespace lockstep::reconciler
