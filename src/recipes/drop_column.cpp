// Drops a column without making anybody wait until its values are saved: first the column is hidden (renamed, and closed to
// writers; brief), then saved while the application keeps working, then dropped (brief). Small tables, columns that are needed
// by a key or are an identity, and columns that other tables inherit are saved under the lock of the drop itself.
//
// DROP COLUMN recurses to the descendants and drops their columns too, unless they are also declared there or inherited from
// elsewhere. If a child keeps its own column with its values, the statement is ALTER TABLE ONLY the parent, and one for each
// child that doesn't. Partitions never keep theirs.
#include <algorithm>

#include "catalog/keys.h"
#include "recipes/change_column.h"
#include "recipes/closed_column.h"
#include "recipes/descendants.h"
#include "recipes/not_null.h"
#include "recipes/null_test.h"
#include "recipes/relation.h"
#include "recipes/transitional.h"
#include "support/digest.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using plan::LockMode;
using plan::Phase;
using plan::Step;
using plan::Steps;
using support::quote_identifier;

namespace {

// `from`: the table, preceded by ONLY if its descendants keep theirs. `hidden`: the column's present name, if it was renamed.
plan::Loss loss_of(const Object& column, const Context& context, const std::string& from, const std::string& hidden) {
  const std::string& name = column.id.path[2];
  std::string columns = saved_columns(context, relation_of(column.id), name);
  if (!hidden.empty()) {
    columns.resize(columns.size() - quote_identifier(name).size());  // it is the last one
    columns += quote_identifier(hidden) + " AS " + quote_identifier(name);
  }
  return {.hazard = "drop-column",
          .object = support::join(column.id.path, "."),
          .what = "column " + support::qualified(column.id.path) + " and its values",
          .relation = relation_name(column.id),
          .query = "SELECT " + columns + " FROM " + from,
          .hidden = hidden};
}

// Whether tables other than partitions inherit from it. Triggers of a partitioned table apply to its partitions; those of a
// parent don't apply to inheriting tables.
bool has_descendants(const Catalog& catalog, const ObjectId& relation) {
  const auto index = catalog.index_of(relation);
  if (!index) return false;
  const auto& edges = catalog.edges_to(*index);
  return std::any_of(edges.begin(), edges.end(), [&](const auto& edge) {
    const Object& other = catalog.at(edge.dependent);
    return other.id.kind->name == relation.kind->name && !other.has(keys::kPartitionOf);
  });
}

bool can_be_hidden(const Object& column, const Context& context) {
  const ObjectId relation = relation_of(column.id);
  if (has_descendants(context.from, relation)) return false;
  if (!context.online(relation) || column.has(keys::kIdentity) || column.has(keys::kGenerated)) return false;
  const auto keys = key_columns(context.from, relation);
  return std::find(keys.begin(), keys.end(), column.id.path[2]) == keys.end();
}

// The column has its name back. Rows written while it was hidden have no value in it: they get the default. Without one they
// can't have any, so after a hold the column demands none.
plan::Undo unhide(const Object& column, bool held, const Context& context) {
  plan::Undo undo;
  const std::string quoted = quote_identifier(column.id.path[2]), name = catalog::to_string(column.id);
  const Object* value = context.from.find({catalog::intern_kind("default"), column.id.path});
  const std::string expression = value == nullptr ? "" : value->get(keys::kExpression);
  if (!expression.empty()) {
    undo.steps.push_back(
        {.title = "set default of " + name,
         .sql = {"ALTER TABLE " + relation_name(column.id) + " ALTER COLUMN " + quoted + " SET DEFAULT " + expression},
         .lock = LockMode::access_exclusive,
         .produces = {value->id}});
  }
  if (!column.get(keys::kNotNull)) return undo;
  if (held && expression.empty()) {
    undo.lost.push_back("NOT NULL of " + name +
                        ", since rows written in the hold may have no value: applying its files sets it again");
    return undo;
  }
  if (!expression.empty()) {
    Step fill{.phase = Phase::migrate,
              .title = "fill " + name + " in rows written while it was hidden",
              .mode = plan::TransactionMode::batches,
              .lock = LockMode::row_exclusive,
              .scans = true,
              .bytes = context.bytes(relation_of(column.id))};
    fill.batches = {column.id.path[0], column.id.path[1], quoted + " = (" + expression + ")",
                    is_null(quoted, column.get(keys::kType))};
    undo.steps.push_back(std::move(fill));
  }
  for (Step& step : set_not_null(column, false, context)) {
    step.alters.clear();
    undo.steps.push_back(std::move(step));
  }
  return undo;
}

Steps in_three(const Object& column, bool had_default, const Context& context) {
  const std::string table = relation_name(column.id), name = catalog::to_string(column.id);
  const std::string hidden = transitional_name(context, column.id.path[0], "dropped_" + column.id.path[2]);
  const std::string helper = "zz_lockstep_gone_" + support::sha256(name).substr(0, 12);
  const std::string alter = "ALTER TABLE " + table + " ALTER COLUMN " + quote_identifier(hidden);

  const bool held = context.held && context.held(column.id);
  Step hide;
  hide.title = "hide " + name + ": statements that use it fail from here on";
  hide.sql = {"ALTER TABLE " + table + " RENAME COLUMN " + quote_identifier(column.id.path[2]) + " TO " +
              quote_identifier(hidden)};
  if (had_default) hide.sql.push_back(alter + " DROP DEFAULT");
  if (column.get(keys::kNotNull)) hide.sql.push_back(alter + " DROP NOT NULL");
  for (auto& statement : close_to_writers(column, helper, hidden, "is being dropped: it takes no values any more"))
    hide.sql.push_back(std::move(statement));
  hide.phase = Phase::contract;
  hide.lock = LockMode::access_exclusive;
  hide.helpers = {column_helper("hidden column", column.id, hidden),
                  function_helper("guard of a hidden column", column.id, helper),
                  trigger_helper("guard of a hidden column", column.id, helper + "_i"),
                  trigger_helper("guard of a hidden column", column.id, helper + "_u")};
  hide.undo = unhide(column, held, context);
  hide.destroys = {column.id};  // under its old name: its dependents were dropped before, or would refuse rows without a value

  const Phase end = held ? Phase::purge : Phase::contract;
  Step save;
  save.title = "save the values of " + name;
  save.phase = end;
  save.scans = true;
  save.bytes = context.bytes(relation_of(column.id));
  save.lock = LockMode::access_share;
  save.locks = {{table, LockMode::access_share}};
  save.losses = {loss_of(column, context, table, hidden)};

  Step drop;
  drop.title = "drop " + name;
  drop.sql = open_to_writers(table, helper);
  drop.sql.push_back("ALTER TABLE " + table + " DROP COLUMN " + quote_identifier(hidden));
  drop.phase = end;
  drop.lock = LockMode::access_exclusive;
  drop.helpers = taken(hide);
  drop.destroys = {column.id};
  return {std::move(hide), std::move(save), std::move(drop)};
}

bool stands(const Context& context, const ObjectId& table) {
  return context.to.contains(table) && !context.is_new(table);
}

bool changes_parents(const Context& context, const ObjectId& table) {
  return stands(context, table) && parents_of(context.from, table) != parents_of(context.to, table);
}

// Whether the descendant's column stays as its own; then only what it got from this parent is dropped.
bool keeps(const Context& context, const ObjectId& descendant) {
  const Object* after = context.to.find(descendant);
  return context.from.find(descendant)->get(keys::kInherited) && after != nullptr && !after->get(keys::kInherited) &&
         stands(context, relation_of(descendant)) && !changes_parents(context, relation_of(descendant));
}

// Whether the descendant's column is dropped together with its parent's.
bool is_dropped_along(const Context& context, const ObjectId& descendant) {
  const bool recreated = context.to.contains(descendant) && context.is_new(descendant);
  return context.from.find(descendant)->get(keys::kInherited) && (recreated || !context.to.contains(descendant)) &&
         stands(context, relation_of(descendant)) && !left_behind(context, descendant);
}

// What has to happen before: the drop of columns above it, and changes of the tables' parents – a child that leaves keeps the
// column, and a child that inherits it from elsewhere keeps it only after it does.
std::vector<ObjectId> before_drop(const Object& column, const std::vector<ObjectId>& all_descendants, const Context& context) {
  std::vector<ObjectId> before;
  for (const ObjectId& id : columns_above(context.from, column.id)) {
    if (id.is(*column.id.kind) && !context.to.contains(id)) before.push_back(id);
  }
  const auto await = [&](const ObjectId& table) {
    if (changes_parents(context, table)) before.push_back(table);
  };
  if (!parents_of(context.from, relation_of(column.id)).empty()) await(relation_of(column.id));  // else it is the table's own
  for (const ObjectId& descendant : all_descendants) await(relation_of(descendant));
  return before;
}

// For one table, and for all tables that inherit the column if none of them keeps it.
void drop_under_lock(const Object& column, const Context& context, Steps& steps) {
  const auto all_descendants = descendants(context.from, column.id);
  const bool alone =
      std::any_of(all_descendants.begin(), all_descendants.end(), [&](const ObjectId& id) { return keeps(context, id); });
  Step step;
  step.title = "drop " + catalog::to_string(column.id) + (alone ? ", not that of who inherits it" : "");
  const std::string table = (alone ? "ONLY " : "") + relation_name(column.id);
  step.sql = {"ALTER TABLE " + table + " DROP COLUMN " + quote_identifier(column.id.path[2])};
  step.phase = Phase::contract;
  step.lock = LockMode::access_exclusive;
  step.destroys = {column.id};
  step.consumes = before_drop(column, all_descendants, context);
  step.breaking = "statements that use " + support::qualified(column.id.path) + " fail";
  const bool computed_again = column.has(keys::kGenerated) && context.to.contains(column.id);
  if (!computed_again) step.losses = {loss_of(column, context, table, {})};
  if (alone) {
    steps.push_back(std::move(step));
    for (const ObjectId& descendant : all_descendants) {
      const auto parents = parents_of(context.from, relation_of(descendant));
      const bool child = std::find(parents.begin(), parents.end(), relation_of(column.id)) != parents.end();
      if (child && is_dropped_along(context, descendant)) drop_under_lock(*context.from.find(descendant), context, steps);
    }
    return;
  }
  for (const ObjectId& descendant : all_descendants) {
    if (is_dropped_along(context, descendant)) step.destroys.push_back(descendant);
  }
  steps.push_back(std::move(step));
}

}  // namespace

Steps drop_column(const Object& column, bool had_default, const Context& context) {
  Steps steps;
  if (!context.to.contains(column.id) && can_be_hidden(column, context)) {
    steps = in_three(column, had_default, context);
    steps.front().consumes = before_drop(column, {}, context);
  } else {
    drop_under_lock(column, context, steps);
  }
  return steps;
}

}  // namespace lockstep::recipes
