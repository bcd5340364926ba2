#include "recipes/not_null.h"

#include "catalog/keys.h"
#include "recipes/null_test.h"
#include "recipes/relation.h"
#include "recipes/row_check.h"
#include "recipes/transitional.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using plan::LockMode;
using plan::Phase;
using plan::Step;
using support::quote_identifier;

plan::DataCheck no_nulls(const Object& column, bool upfront, const Context& context) {
  const std::string table = relation_name(column.id);
  const std::string name = quote_identifier(column.id.path[2]);
  plan::DataCheck check = row_check(relation_of(column.id), "no row of " + table + " leaves " + name + " NULL",
                                    is_null(name, column.get(keys::kType)), false, context);
  check.upfront = upfront;
  return check;
}

plan::Steps set_not_null(const Object& column, bool tightens, const Context& context, const std::string& constraint_name) {
  const std::string table = relation_name(column.id);
  const std::string name = quote_identifier(column.id.path[2]);
  const std::string helper_name =
      transitional_name(context, column.id.path[0], column.id.path[1] + "_" + column.id.path[2] + "_not_null");
  const std::string helper = quote_identifier(helper_name);
  const std::string alter = "ALTER TABLE " + table + " ";
  const std::string breaking = tightens ? "INSERTs and UPDATEs that leave " + name + " NULL fail" : "";
  const Phase phase = tightens ? Phase::contract : Phase::migrate;

  Step add{.phase = phase,
           .title = "require " + table + "." + name + " in new rows",
           .lock = LockMode::access_exclusive,
           .breaking = breaking};
  add.sql = {alter + "ADD CONSTRAINT " + helper + " CHECK (" + is_not_null(name, column.get(keys::kType)) + ") NOT VALID"};
  add.helpers = {constraint_helper("check that proves NOT NULL", column.id, helper_name)};

  Step validate{
      .phase = phase, .title = "check that every row of " + table + " has " + name, .lock = LockMode::share_update_exclusive};
  validate.sql = {alter + "VALIDATE CONSTRAINT " + helper};
  validate.scans = true;
  validate.bytes = context.bytes(relation_of(column.id));
  validate.checks = {no_nulls(column, false, context)};

  Step set = step_for(column, "set " + table + "." + name + " NOT NULL (proved by the check, no scan)", {});
  set.phase = phase;
  set.lock = LockMode::access_exclusive;
  set.sql = {constraint_name.empty() ? alter + "ALTER COLUMN " + name + " SET NOT NULL"
                                     : alter + "ADD CONSTRAINT " + quote_identifier(constraint_name) + " NOT NULL " + name,
             alter + "DROP CONSTRAINT " + helper};
  set.helpers = taken(add);
  set.alters = {keys::kNotNull.name};
  return {add, validate, set};
}

}  // namespace lockstep::recipes
