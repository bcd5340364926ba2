#include "kinds/inheritance/change_parents.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/inheritance/inherited_constraints.h"
#include "kinds/inheritance/partition_places.h"
#include "kinds/kinds_list.h"
#include "kinds/relations/trigger_state.h"
#include "recipes/attach_partition.h"
#include "recipes/descendants.h"
#include "recipes/detach_partition.h"
#include "recipes/joins_without.h"
#include "recipes/relation.h"
#include "recipes/row_probe.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using plan::LockMode;
using plan::Phase;
using support::qualified;

std::string parent_name(const Object& partition) {
  return qualified(partition.get(keys::kPartitionOf));
}

// Foreign keys that go, and that refer to a table above it on this side: a row to which one refers couldn't leave, and the step
// would lock the tables that refer.
std::vector<ObjectId> keys_that_go(const Object& partition, const Catalog& side, const Context& context) {
  std::vector<ObjectId> keys;
  for (const Object* table = &partition; table != nullptr && table->has(keys::kPartitionOf);
       table = side.find({&kTable.tag, table->get(keys::kPartitionOf)})) {
    for (const Object& key : context.from.objects()) {
      const bool refers = key.id.is(kForeignKey.tag) && key.get(keys::kReferences) == table->get(keys::kPartitionOf);
      if (refers && !context.to.contains(key.id)) keys.push_back(key.id);
    }
  }
  return keys;
}

Step detach(const Object& from, const Context& context) {
  Step step = recipes::step_for(from, "detach partition " + qualified(from.id.path) + " from " + parent_name(from),
                                {recipes::detach_statement(from)});
  step.lock = LockMode::access_exclusive;
  step.phase = Phase::contract;
  step.breaking = "rows of " + qualified(from.id.path) + " are no longer part of " + parent_name(from);
  step.consumes = keys_that_go(from, context.from, context);
  return step;
}

// Somebody's DETACH PARTITION … CONCURRENTLY was cut off. The parent has not seen its rows since then, so nobody notices.
Step finalize(const Object& from) {
  Step step = recipes::step_for(from, "finish detaching partition " + qualified(from.id.path) + " from " + parent_name(from),
                                {recipes::detach_finalize_statement(from)});
  step.lock = LockMode::access_exclusive;
  return step;
}

// The columns that the table inherits in the end, each with its present form.
using Inherited = std::pair<const Object*, const Object*>;
std::vector<Inherited> inherited_columns(const Object& to, const Context& context) {
  std::vector<Inherited> found;
  for (const auto child : context.to.children(*context.to.index_of(to.id))) {
    const Object& column = context.to.at(child);
    const Object* before = context.from.find(column.id);
    if (column.id.is(kColumn.tag) && is_inherited(column) && before != nullptr) found.emplace_back(before, &column);
  }
  return found;
}

// PostgreSQL attaches a table only if its columns are NOT NULL wherever the parent's are.
Steps not_null_of_descendants(const Object& to, const Context& context) {
  Steps steps;
  for (const auto& [before, column] : inherited_columns(to, context)) {
    if (recipes::state_of(context.from, before->id).not_null || !recipes::state_of(context.to, column->id).not_null) continue;
    for (auto& step : recipes::say(*column, {"not_null"}, {}, context)) {
      step.produces.clear();  // the column reaches its desired state only when the table has its parent
      if (!step.alters.empty()) step.produces = {{&kOverride.tag, column->id.path}};
      steps.push_back(std::move(step));
    }
  }
  return steps;
}

// INHERIT and ATTACH change no default or setting, so those in which the new parents differ from the old ones are set.
Steps said_as_new_parents_do(const Object& to, const Context& context) {
  Steps steps;
  for (const auto& [before, column] : inherited_columns(to, context)) {
    if (!is_inherited(*before)) continue;
    auto what = recipes::differences(recipes::state_of(context.from, column->id), recipes::state_of(context.to, column->id));
    if (recipes::state_of(context.to, column->id).not_null) what.erase("not_null");  // it is so before
    for (auto& step : recipes::say(*column, what, "set", context)) {
      step.produces = {to.id, {&kOverride.tag, column->id.path}};  // what only the old parents needed may be dropped now
      steps.push_back(std::move(step));
    }
  }
  return steps;
}

// A new table has its columns at once, so that one that becomes its child has to have them before.
void require_columns_of_new_table(const ObjectId& parent, const ObjectId& inherited, const Context& context) {
  const Object* column = context.to.find(inherited);
  if (!context.is_new(parent) || column == nullptr || !is_inherited(*column) || context.from.contains(inherited)) return;
  throw support::RefusedError("table " + qualified(inherited.path[0], inherited.path[1]) +
                              " begins to inherit from the new table " + qualified(parent.path) + ", which has column " +
                              support::quote_identifier(inherited.path[2]) +
                              ", and it has none.\nNothing was changed. Add the column to it in an apply of its own.");
}

// PostgreSQL attaches a table only if it has the new parents' columns and, for a partition, no others. So the plan's changes of
// those columns, and of the table's columns of the same names, run first.
std::vector<ObjectId> columns_of_new_parents(const Object& to, const Context& context) {
  std::vector<ObjectId> columns;
  const auto old = recipes::parents_of(context.from, to.id);
  for (const ObjectId& parent : recipes::parents_of(context.to, to.id)) {
    if (std::find(old.begin(), old.end(), parent) != old.end()) continue;
    for (const Catalog* side : {&context.from, &context.to}) {
      const auto index = side->index_of(parent);
      if (!index) continue;
      for (const auto child : side->children(*index)) {
        const ObjectId& column = side->at(child).id;
        if (!column.is(kColumn.tag)) continue;
        require_columns_of_new_table(parent, {column.kind, {to.id.path[0], to.id.path[1], column.path[2]}}, context);
        const auto without = recipes::joins_without(column, context);
        if (std::find(without.begin(), without.end(), to.id) != without.end()) continue;  // it gets the column by them
        columns.push_back(column);
        columns.push_back({column.kind, {to.id.path[0], to.id.path[1], column.path[2]}});  // it has to match
      }
    }
  }
  return columns;
}

// The rows that a DEFAULT partition may contain depend on its siblings, so it is attached after them and scanned once.
void add_siblings(std::vector<ObjectId>& ids, const Object& to, const Context& context) {
  for (const Catalog* side : {&context.from, &context.to}) {
    for (const ObjectId& other : recipes::partitions(*side, {&kTable.tag, to.get(keys::kPartitionOf)})) {
      if (other != to.id) ids.push_back(other);
    }
  }
}

// PostgreSQL attaches no table with a column that its parent lacks.
void add_columns_that_go(std::vector<ObjectId>& ids, const Object& to, const Context& context) {
  for (const auto child : context.from.children(*context.from.index_of(to.id))) {
    const ObjectId& column = context.from.at(child).id;
    if (column.is(kColumn.tag) && !context.to.contains(column)) ids.push_back(column);
  }
}

Step attach(const Object& to, const Context& context) {
  Step step =
      recipes::step_for(to, "attach partition " + qualified(to.id.path) + " to " + parent_name(to), {attach_statement(to)});
  step.lock = LockMode::access_exclusive;  // on the partition; SHARE UPDATE EXCLUSIVE on the parent
  step.scans = !context.online(to.id);     // for a table with rows the recipe decides
  step.consumes = columns_of_new_parents(to, context);
  for (ObjectId& key : keys_that_go(to, context.to, context)) step.consumes.push_back(std::move(key));
  add_columns_that_go(step.consumes, to, context);
  if (to.get(keys::kBound) == keys::kDefaultBound) add_siblings(step.consumes, to, context);
  add_what_is_taken_over(step, to, context);
  return step;
}

// Its columns are altered after it is detached, so its rows can't be checked against the new bound before.
bool columns_stay(const Object& to, const Context& context) {
  const auto columns = context.to.children(*context.to.index_of(to.id));
  return std::all_of(columns.begin(), columns.end(), [&](const auto child) {
    const Object& column = context.to.at(child);
    const Object* before = context.from.find(column.id);
    return !column.id.is(kColumn.tag) || (before != nullptr && before->attributes == column.attributes);
  });
}

// The steps that attach it, the attaching last.
Steps place(const Object& from, const Object& to, const Context& context) {
  Step last = attach(to, context);
  add_states_of_triggers(last, from, to, context);
  const bool moves = from.has(keys::kPartitionOf);
  if (moves && !columns_stay(to, context)) return recipes::placed_with_scan(std::move(last), to, context);
  const auto columns = moves ? std::vector<ObjectId>() : last.consumes;
  Steps steps = recipes::placed_without_scan(std::move(last), to, columns, context);
  if (!steps.back().scans) steps.back().title += " (proved by the check, no scan)";
  return steps;
}

}  // namespace

std::vector<std::string> pending_detaches(const Catalog& catalog) {
  std::vector<std::string> names;
  for (const Object& object : catalog.objects()) {
    if (object.id.is(kTable.tag) && object.get(recipes::kDetachPending)) names.push_back(qualified(object.id.path));
  }
  return names;
}

bool moves_partition(const Object& from, const Object& to) {
  return from.has(keys::kPartitionOf) && !from.get(recipes::kDetachPending) && to.has(keys::kPartitionOf) &&
         (from.get(keys::kPartitionOf) != to.get(keys::kPartitionOf) || from.get(keys::kBound) != to.get(keys::kBound));
}

Steps change_partition(const Change&, const Object& from, const Object& to, const Context& context) {
  Steps steps;
  if (from.get(recipes::kDetachPending)) {
    steps.push_back(finalize(from));
    add_what_stays(steps.back(), from, context);
  } else if (from.has(keys::kPartitionOf)) {
    steps.push_back(detach(from, context));
    add_what_stays(steps.back(), from, context);
    steps.back().checks = recipes::unreferenced(from.id, context);
    if (from.get(keys::kPartitionOf) == to.get(keys::kPartitionOf))
      steps.back().breaking = "INSERTs and UPDATEs of rows that the new bound of " + qualified(from.id.path) + " leaves out fail";
    if (!to.has(keys::kPartitionOf))
      return recipes::detached(std::move(steps.back()), from, frees_for_another(from, context), context);
  }
  if (!to.has(keys::kPartitionOf)) return steps;
  for (auto& step : not_null_of_descendants(to, context)) steps.push_back(std::move(step));
  Steps placed = place(from, to, context);
  // A partition that moves is in one place or the other: what reads its rows comes before it is detached, where it can.
  const bool whole = from.has(keys::kPartitionOf) && !from.get(recipes::kDetachPending);
  const auto before = whole ? steps.begin() : steps.end();
  steps.insert(before, std::make_move_iterator(placed.begin()), std::make_move_iterator(placed.end() - 1));
  steps.push_back(std::move(placed.back()));
  for (auto& step : said_as_new_parents_do(to, context)) steps.push_back(std::move(step));
  return steps;
}

Steps change_inherits(const Change&, const Object& from, const Object& to, const Context& context) {
  const List old = from.get(keys::kInherits), wanted = to.get(keys::kInherits);
  std::vector<std::string> sql, left;
  const std::string alter = "ALTER TABLE " + qualified(to.id.path);
  // In this order, so that a column that both parents give stays inherited without becoming the table's own in between.
  for (const auto& parent : wanted) {
    if (std::find(old.begin(), old.end(), parent) == old.end()) sql.push_back(alter + " INHERIT " + parent);
  }
  for (const auto& parent : old) {
    if (std::find(wanted.begin(), wanted.end(), parent) != wanted.end()) continue;
    sql.push_back(alter + " NO INHERIT " + parent);
    left.push_back(parent);
  }
  Steps steps = not_null_of_descendants(to, context);
  steps.push_back(recipes::step_for(to, "change what " + catalog::to_string(to.id) + " inherits", sql));
  steps.back().lock = LockMode::access_exclusive;
  if (!left.empty()) {
    steps.back().phase = Phase::contract;
    steps.back().breaking = "rows of " + qualified(to.id.path) + " are no longer part of " + support::join(left, ", ");
  }
  steps.back().consumes = columns_of_new_parents(to, context);
  add_what_stays(steps.back(), from, context);
  for (auto& step : said_as_new_parents_do(to, context)) steps.push_back(std::move(step));
  return steps;
}

}  // namespace lockstep::kinds
