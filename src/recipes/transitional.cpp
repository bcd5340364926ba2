#include "recipes/transitional.h"

#include "catalog/keys.h"
#include "plan/undo.h"
#include "recipes/tags.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using catalog::ObjectId;
using plan::Helper;
using plan::LockMode;
using support::quote_identifier;

namespace {

constexpr const char *kTableColumn = "table column", *kTriggerType = "trigger", *kTableConstraint = "table constraint",
                     *kFunctionType = "function", *kIndexType = "index", *kViewType = "view", *kSequenceType = "sequence",
                     *kTableType = "table", *kEnumType = "type", *kMaterializedViewType = "materialized view";

Helper made(const std::string& role, const char* type, std::vector<std::string> names, const ObjectId& part,
            bool partitioned = false) {
  Helper helper{Helper::Change::made, role, type, std::move(names), part.path, {}};
  const auto undo = plan::undo_statement(helper, partitioned);
  if (!undo)
    throw support::InternalError("no way back from the transitional " + helper.type + " " + support::qualified(helper.names));
  helper.undo = *undo;
  return helper;
}

}  // namespace

Helper column_helper(const std::string& role, const ObjectId& part, const std::string& name) {
  return made(role, kTableColumn, {part.path[0], part.path[1], name}, part);
}

Helper trigger_helper(const std::string& role, const ObjectId& part, const std::string& name) {
  return made(role, kTriggerType, {part.path[0], part.path[1], name}, part);
}

Helper constraint_helper(const std::string& role, const ObjectId& part, const std::string& name) {
  return made(role, kTableConstraint, {part.path[0], part.path[1], name}, part);
}

Helper function_helper(const std::string& role, const ObjectId& part, const std::string& name) {
  return made(role, kFunctionType, {"lockstep", name}, part);
}

Helper index_helper(const std::string& role, const ObjectId& part, const std::string& schema, const std::string& name,
                    bool concurrently) {
  return made(role, kIndexType, {schema, name}, part, !concurrently);
}

Helper sequence_helper(const std::string& role, const ObjectId& part, const std::string& name) {
  return made(role, kSequenceType, {"lockstep", name}, part);
}

Helper view_helper(const std::string& role, const ObjectId& part, const std::string& schema, const std::string& name) {
  return made(role, kViewType, {schema, name}, part);
}

Helper materialized_view_helper(const std::string& role, const ObjectId& view, const std::string& name) {
  return made(role, kMaterializedViewType, {view.path[0], name}, view);
}

Helper type_helper(const std::string& role, const ObjectId& type, const std::string& name) {
  return made(role, kEnumType, {type.path[0], name}, type);
}

Helper hidden_relation(const catalog::Object& relation, const std::string& hidden) {
  const bool table = relation.id.is(*kTable);
  return made(table ? "hidden table" : "hidden sequence", table ? kTableType : kSequenceType, {relation.id.path[0], hidden},
              relation.id);
}

Helper taken(const Helper& made) {
  Helper result = made;
  result.change = Helper::Change::taken;
  result.undo.clear();
  return result;
}

std::vector<Helper> taken(const plan::Step& maker) {
  std::vector<Helper> result;
  for (auto helper = maker.helpers.rbegin(); helper != maker.helpers.rend(); ++helper) {
    if (helper->change == Helper::Change::made) result.push_back(taken(*helper));
  }
  return result;
}

plan::Step undo_step(const Helper& made, const std::string& title) {
  plan::Step step;
  step.title = title;
  step.sql = {made.undo};
  step.helpers = {made};
  step.helpers.front().change = Helper::Change::taken;
  const bool index = made.type == kIndexType;
  const bool hidden = plan::holds_former_values(made);
  if (hidden) {
    const catalog::KindTag* kind = made.type == kTableType ? kTable : made.type == kSequenceType ? kSequence : kColumn;
    step.produces = {{kind, made.subject}};
  }
  if (made.type == kFunctionType || made.type == kEnumType || (made.type == kSequenceType && !hidden)) return step;
  const std::string relation =
      index ? support::qualified(made.subject[0], made.subject[1]) : support::qualified(made.names[0], made.names[1]);
  const bool concurrently = index && made.undo.starts_with("DROP INDEX CONCURRENTLY ");
  step.lock = concurrently ? LockMode::share_update_exclusive : LockMode::access_exclusive;
  step.locks = {{relation, step.lock}};
  if (concurrently) {
    step.mode = plan::TransactionMode::outside;
    step.postcheck = "SELECT CASE WHEN pg_catalog.to_regclass(" +
                     support::quote_literal(support::qualified(made.names[0], made.names[1])) +
                     ") IS NULL THEN 'done' ELSE 'absent' END";
  }
  return step;
}

bool becomes(const Helper& helper, const ObjectId& declared) {
  return helper.change == Helper::Change::taken && helper.type == kIndexType && helper.subject == declared.path;
}

bool hides(const Helper& helper) {
  return helper.change == Helper::Change::made && plan::holds_former_values(helper);
}

bool gives_name_back(const Helper& helper) {
  return helper.change == Helper::Change::taken && plan::holds_former_values(helper) && !helper.undo.empty();
}

void fill_as_defaulted(const Helper& helper, const catalog::Catalog& desired, catalog::Intents& intents) {
  if (!gives_name_back(helper)) return;
  const catalog::Object* value = desired.find({kDefault, helper.subject});
  if (value == nullptr) return;
  catalog::Intent& intent = intents[{kColumn, helper.subject}];
  if (!intent.backfill) intent.backfill = value->get(keys::kExpression);
}

}  // namespace lockstep::recipes
