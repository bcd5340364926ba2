#include "reconciler/null_fills.h"

#include <algorithm>

#include "catalog/keys.h"
#include "elaborator/fill_probe.h"
#include "kinds/names/lookup_path.h"
#include "recipes/fill.h"
#include "recipes/null_test.h"
#include "recipes/relation.h"
#include "recipes/row_check.h"
#include "support/sql_text.h"

namespace lockstep::reconciler {
namespace {

using catalog::Object;
using catalog::ObjectId;
using support::quote_identifier;

bool is_made_for(const plan::Helper& helper, const ObjectId& column) {
  return helper.change == plan::Helper::Change::made && helper.subject == column.path;
}

// The step that adds the check by which the column requires a value.
plan::Step* requires_value(plan::Plan& plan, const ObjectId& column) {
  const auto found = std::find_if(plan.steps.begin(), plan.steps.end(), [&](const plan::Step& step) {
    return std::any_of(step.helpers.begin(), step.helpers.end(),
                       [&](const auto& helper) { return is_made_for(helper, column) && helper.type == "table constraint"; });
  });
  return found == plan.steps.end() ? nullptr : &*found;
}

bool has_fill_trigger(const plan::Step& step, const ObjectId& column) {
  return std::any_of(step.helpers.begin(), step.helpers.end(),
                     [&](const auto& helper) { return is_made_for(helper, column) && recipes::fills(helper); });
}

bool fills_in_batches(const plan::Step& step, const ObjectId& column) {
  return step.mode == plan::TransactionMode::batches && step.batches.schema == column.path[0] &&
         step.batches.table == column.path[1] && step.batches.assignment.starts_with(quote_identifier(column.path[2]) + " = ");
}

// The first step of the column: the one that adds it, or begins to fill it.
plan::Step* begins(plan::Plan& plan, const ObjectId& column) {
  const auto found = std::find_if(plan.steps.begin(), plan.steps.end(), [&](const plan::Step& step) {
    return plan::names(step.produces, column) || has_fill_trigger(step, column) || fills_in_batches(step, column);
  });
  return found == plan.steps.end() ? nullptr : &*found;
}

void ask_rows(plan::Step& step, const Object& column, const std::string& expression, const planner::Input& input) {
  const std::string type = column.get(keys::kType), name = quote_identifier(column.id.path[2]);
  const std::string none = recipes::is_null("((" + expression + ")::" + type + ")", type);
  const Object* before = input.from.find(column.id);
  const ObjectId table = recipes::relation_of(column.id);
  const recipes::Context context{.from = input.from, .to = input.to};
  step.checks.push_back(recipes::row_check(
      table, "backfill gives " + catalog::to_string(column.id) + " a value in every row",
      before == nullptr ? none : recipes::is_null(name, before->get(keys::kType)) + " AND " + none, true, context));
}

void warn(plan::Step& step, const ObjectId& column, const std::vector<std::string>& columns) {
  std::vector<std::string> names;
  for (const std::string& one : columns) names.push_back(quote_identifier(one));
  const std::string where = names.empty() ? "" : " (with NULL in " + support::join(names, ", ") + ")";
  step.consequences.push_back({"breaking", support::join(column.path, "."),
                               "from here on INSERTs and UPDATEs that leave " + quote_identifier(column.path[2]) +
                                   " out fail for a row in which its backfill gives NULL" + where +
                                   "; coalesce() in the expression avoids it"});
}

}  // namespace

void name_null_fills(plan::Plan& plan, elaborator::Copy& copy, const planner::Input& input) {
  for (const auto& change : input.changes) {
    const auto intent = input.intents.find(change.id);
    const Object* column = input.to.find(change.id);
    if (intent == input.intents.end() || !intent->second.backfill || column == nullptr || !column->get(keys::kNotNull)) continue;
    plan::Step* required = requires_value(plan, change.id);
    plan::Step* first = begins(plan, change.id);
    if (required == nullptr || first == nullptr) continue;
    const bool by_path = input.intents_need_path != nullptr && input.intents_need_path->contains(change.id);
    const auto path = by_path ? kinds::lookup_path(change.id, input.to) : std::vector<std::string>();
    const auto probe = elaborator::probe_fill(copy, change.id, *intent->second.backfill, path, input.from, input.to);
    if (!probe.can_be_null) continue;
    if (probe.can_be_asked) ask_rows(*first, *column, *intent->second.backfill, input);
    const bool by_trigger = std::any_of(plan.steps.begin(), plan.steps.end(),
                                        [&](const plan::Step& step) { return has_fill_trigger(step, change.id); });
    if (by_trigger) warn(*required, change.id, probe.columns);  // else a default fills new rows
  }
}

}  // namespace lockstep::reconciler
