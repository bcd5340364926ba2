#include "recipes/fill.h"

#include "catalog/keys.h"
#include "recipes/descendants.h"
#include "recipes/fired.h"
#include "recipes/null_test.h"
#include "recipes/relation.h"
#include "recipes/transitional.h"
#include "recipes/trigger_function.h"
#include "support/digest.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using plan::LockMode;
using plan::Phase;
using plan::Step;
using support::quote_identifier;

namespace {

constexpr std::string_view kPrefix = "zz_lockstep_fill_";

// Depends on the column only, so that a resumed run finds its own trigger.
std::string helper_name(const Object& column) {
  return std::string(kPrefix) + support::sha256(catalog::to_string(column.id)).substr(0, 12);
}

// The relation and the tables that inherit from it: PostgreSQL copies a trigger to partitions but not to inheriting tables.
std::vector<ObjectId> columns_filled(const Object& column, const Context& context) {
  std::vector<ObjectId> columns{column.id};
  for (const ObjectId& descendant : descendants(context.to, column.id)) {
    const ObjectId table = relation_of(descendant);
    const Object* live = context.from.find(table);
    if (live != nullptr && !context.is_new(table) && !context.to.find(table)->has(keys::kPartitionOf))
      columns.push_back(descendant);
  }
  return columns;
}

std::vector<plan::Helper> helpers(const Object& column, const std::vector<ObjectId>& filled) {
  std::vector<plan::Helper> result{function_helper("fill trigger", column.id, helper_name(column))};
  for (const ObjectId& one : filled) result.push_back(trigger_helper("fill trigger", one, helper_name(column)));
  return result;
}

Step create_trigger(const Object& column, const Fill& fill, const Context& context) {
  const std::string name = helper_name(column);
  const std::string function = "lockstep." + name;
  const std::string value = "NEW." + quote_identifier(fill.column);
  const std::string body = "BEGIN\n  IF " + is_null(value, column.get(keys::kType)) + " THEN\n    SELECT (" + fill.expression +
                           ") INTO " + value + " FROM (SELECT (NEW).*) AS " + quote_identifier(column.id.path[1]) +
                           ";\n  END IF;\n  RETURN NEW;\nEND";
  Step step;
  step.title = "fill " + relation_name(column.id) + "." + quote_identifier(fill.column) +
               " in rows written from now on (transitional trigger)";
  step.sql = {trigger_function(name, body)};
  const auto filled = columns_filled(column, context);
  for (const ObjectId& one : filled) {
    const std::string table = relation_name(one);
    step.sql.push_back("CREATE TRIGGER " + name + " BEFORE INSERT OR UPDATE ON " + table + " FOR EACH ROW EXECUTE FUNCTION " +
                       function + "()");
    step.sql.push_back("ALTER TABLE " + table + " ENABLE ALWAYS TRIGGER " + name);
  }
  step.lock = LockMode::share_row_exclusive;
  step.helpers = helpers(column, filled);
  return step;
}

}  // namespace

plan::Steps start_fill(const Object& column, const Fill& fill, const Context& context) {
  plan::Steps steps;
  if (fill.trigger) steps.push_back(create_trigger(column, fill, context));
  const std::string name = quote_identifier(fill.column);
  Step batches;
  batches.title = "backfill " + relation_name(column.id) + "." + name + " in batches";
  batches.mode = plan::TransactionMode::batches;
  batches.phase = Phase::migrate;
  batches.lock = LockMode::row_exclusive;
  batches.scans = true;
  batches.bytes = context.bytes(relation_of(column.id));
  batches.batches.schema = column.id.path[0];
  batches.batches.table = column.id.path[1];
  batches.batches.assignment = name + " = (" + fill.expression + ")";
  batches.batches.pending = is_null(name, column.get(keys::kType));
  if (auto fired = fired_by_update(relation_of(column.id), fill.column, {}, context))
    batches.consequences.push_back(std::move(*fired));
  steps.push_back(std::move(batches));
  return steps;
}

plan::Steps end_fill(const Object& column, const Fill& fill, const Context& context) {
  if (!fill.trigger) return {};
  const std::string name = helper_name(column);
  const auto filled = columns_filled(column, context);
  Step step;
  step.title = "drop the transitional trigger of " + relation_name(column.id) + "." + quote_identifier(fill.column);
  for (const ObjectId& one : filled) step.sql.push_back("DROP TRIGGER " + name + " ON " + relation_name(one));
  step.sql.push_back("DROP FUNCTION lockstep." + name + "()");
  step.phase = Phase::contract;
  step.lock = LockMode::access_exclusive;
  for (const auto& helper : helpers(column, filled)) step.helpers.push_back(taken(helper));
  step.breaking = "INSERTs that leave " + quote_identifier(fill.column) + " out fail from here on";
  return {step};
}

bool fills(const plan::Helper& helper) {
  return helper.type == "trigger" && helper.names.back().starts_with(kPrefix);
}

}  // namespace lockstep::recipes
