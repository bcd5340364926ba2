#include "kinds/recreation/second_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/built_beside.h"
#include "kinds/recreation/mirror_limits.h"
#include "kinds/registry.h"
#include "recipes/fired.h"
#include "recipes/null_test.h"
#include "recipes/published.h"
#include "recipes/relation.h"
#include "recipes/row_check.h"
#include "recipes/transitional.h"
#include "recipes/trigger_function.h"
#include "support/digest.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using plan::LockMode;
using plan::Phase;
using recipes::relation_name;
using recipes::relation_of;
using recipes::SecondColumn;
using recipes::SecondNames;
using recipes::SecondTable;
using support::qualified;
using support::quote_identifier;

std::string digest_of(const ObjectId& id) {
  return support::sha256(catalog::to_string(id)).substr(0, 12);
}
// The two triggers of a table run before and after all others, in the order of their names.
std::string first_trigger(const ObjectId& column) {
  return std::string(kFirstTrigger) + "names_" + digest_of(column);
}
std::string last_trigger(const ObjectId& column) {
  return std::string(kLastTrigger) + "names_" + digest_of(column);
}
std::string mirror_function(const ObjectId& column) {
  return "zz_lockstep_names_" + digest_of(column);
}

std::string counter(const ObjectId& column) {
  return "zz_lockstep_uses_" + digest_of(column);
}
std::string last_use(const ObjectId& column) {
  return "zz_lockstep_last_" + digest_of(column);
}
std::string counting_trigger(const ObjectId& column, const char* event) {
  return std::string(kFirstTrigger) + "count_" + digest_of(column) + event;
}

// Compares the stored values themselves, since not every type has an equality operator.
std::string differ(const std::string& a, const std::string& b) {
  // Without the cast PostgreSQL would look for such an operator of the columns' type.
  return "ROW(" + a + ")::pg_catalog.record OPERATOR(pg_catalog.*<>) ROW(" + b + ")::pg_catalog.record";
}

// A domain's default and its NOT NULL would be the second column's own; its values pass the domain in the old one.
void use_base_type(Object& column, const Context& context) {
  for (bool found = true; found;) {
    found = false;
    for (const Object& object : context.from.objects()) {
      if (!object.id.is(kDomain.tag) || qualified(object.id.path) != column.get(keys::kType)) continue;
      column.set(keys::kType.name, object.value(keys::kType.name));
      if (!column.has(keys::kCollation)) column.set(keys::kCollation.name, object.value(keys::kCollation.name));
      found = true;
    }
  }
}

Object column_of(const SecondColumn& column, const Context& context) {
  Object object = *context.from.find(column.id);
  use_base_type(object, context);
  object.id.path.set(2, column.name);
  for (const auto& attribute : {keys::kNotNull.name, keys::kIdentity.name, keys::kIdentityOptions.name})
    object.set(attribute, {});
  return object;
}

// The old column's value in the second one's type.
std::string old_value(const SecondColumn& column, const Context& context, const std::string& row) {
  const std::string value = row + quote_identifier(column.id.path[2]), type = column_of(column, context).get(keys::kType);
  return context.from.find(column.id)->get(keys::kType) == type ? value : "(" + value + ")::" + type;
}

// The table's own triggers run between the first call and the last one, and know the old name only.
std::string body(const SecondColumn& column, const Context& context) {
  const std::string old = "NEW." + quote_identifier(column.id.path[2]), name = "NEW." + quote_identifier(column.name);
  const std::string former_old = "OLD." + quote_identifier(column.id.path[2]),
                    former_name = "OLD." + quote_identifier(column.name);
  const std::string message =
      fmt::format("{}.{} and {} are two names of one column, and get two values", relation_name(column.id),
                  quote_identifier(column.id.path[2]), quote_identifier(column.name));
  return fmt::format(R"(BEGIN
  IF TG_ARGV[0] = 'last' THEN
    {name} := {old};
  ELSIF TG_OP = 'INSERT' THEN
    IF {given} THEN {old} := {name}; ELSE {name} := {old}; END IF;
  ELSIF {name_changed} THEN
    IF {old_changed} AND {differ} THEN
      RAISE EXCEPTION USING MESSAGE = {message}, ERRCODE = 'integrity_constraint_violation';
    END IF;
    {old} := {name};
  ELSE
    {name} := {old};
  END IF;
  RETURN NEW;
END)",
                     fmt::arg("name", name), fmt::arg("old", old),
                     fmt::arg("given", recipes::is_not_null(name, column_of(column, context).get(keys::kType))),
                     fmt::arg("name_changed", differ(name, former_name)), fmt::arg("old_changed", differ(old, former_old)),
                     fmt::arg("differ", differ(name, old_value(column, context, "NEW."))),
                     fmt::arg("message", support::quote_literal(message)));
}

// The privileges of the old name for the new one: those that it has and those that it is to have.
void grant_from(const Catalog& side, const ObjectId& target, const ObjectId& as, const Context& context,
                std::vector<std::string>& sql) {
  const auto index = side.index_of(target);
  if (!index) return;
  for (const auto child : side.children(*index)) {
    Object grant = side.at(child);
    if (of(grant.id).placement != Placement::target_by_role) continue;
    const std::string role = grant.id.path.back();
    grant.id.path = {std::string(as.kind->name)};
    grant.id.path.append(as.path);
    grant.id.path.push_back(role);
    for (const Step& step : of(grant.id).create(grant, context)) {
      for (const std::string& statement : step.sql) {
        const bool said = std::find(sql.begin(), sql.end(), statement) != sql.end();
        if (!said && statement.starts_with("GRANT ")) sql.push_back(statement);
      }
    }
  }
}
}  // namespace

void grant_too(const ObjectId& target, const ObjectId& as, const Context& context, std::vector<std::string>& sql) {
  for (const Catalog* side : {&context.from, &context.to}) grant_from(*side, target, as, context, sql);
}

void count_uses(const SecondColumn& column, const Context& context, Step& step) {
  const std::string table = relation_name(column.id), old = quote_identifier(column.id.path[2]),
                    name = quote_identifier(column.name);
  const std::string function = counter(column.id), last = last_use(column.id);
  step.sql.push_back("CREATE SEQUENCE lockstep." + function);
  step.sql.push_back("CREATE SEQUENCE lockstep." + last);
  step.sql.push_back(
      "CREATE FUNCTION lockstep." + function + "() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS " +
      support::dollar_quote("BEGIN\n  PERFORM pg_catalog.nextval('lockstep." + function + "'), pg_catalog.setval('lockstep." +
                            last + "', extract(epoch FROM pg_catalog.clock_timestamp())::pg_catalog.int8);\n  RETURN NEW;\nEND"));
  step.helpers.push_back(recipes::sequence_helper("count of the old name", column.id, function));
  step.helpers.push_back(recipes::sequence_helper("time of the old name", column.id, last));
  step.helpers.push_back(recipes::function_helper("count of the old name", column.id, function));
  const auto count = [&](const char* suffix, const std::string& event, const std::string& condition) {
    const std::string trigger = quote_identifier(counting_trigger(column.id, suffix));
    step.sql.push_back("CREATE TRIGGER " + trigger + " BEFORE " + event + " ON " + table + " FOR EACH ROW WHEN (" + condition +
                       ") EXECUTE FUNCTION lockstep." + function + "()");
    step.sql.push_back("ALTER TABLE " + table + " ENABLE ALWAYS TRIGGER " + trigger);
    step.helpers.push_back(recipes::trigger_helper("count of the old name", column.id, counting_trigger(column.id, suffix)));
  };
  const bool given = context.from.contains({&kDefault.tag, column.id.path}) || context.from.find(column.id)->has(keys::kIdentity);
  const std::string type = column_of(column, context).get(keys::kType);
  if (!given) count("_i", "INSERT", recipes::is_null("NEW." + name, type) + " AND " + recipes::is_not_null("NEW." + old, type));
  count("_u", "UPDATE", differ("NEW." + old, "OLD." + old) + " AND NOT (" + differ("NEW." + name, "OLD." + name) + ")");
}

namespace {

Step add_column(const SecondColumn& column, const Context& context) {
  const std::string table = relation_name(column.id), old = quote_identifier(column.id.path[2]);
  const std::string name = quote_identifier(column.name), function = mirror_function(column.id);
  const Object object = column_of(column, context);
  Step step;
  step.title = fmt::format("add {} as a second name of {}: until contract both are read and written (transitional triggers)",
                           name, catalog::to_string(column.id));
  step.sql = {"ALTER TABLE " + table + " ADD COLUMN " + column_definition(object)};
  if (const auto settings = column_settings(object); !settings.empty())
    step.sql.push_back("ALTER TABLE " + table + " " + support::join(settings, ", "));
  grant_too(column.id, object.id, context, step.sql);
  step.sql.push_back(recipes::trigger_function(function, body(column, context)));
  step.helpers = {recipes::column_helper("second name", column.id, column.name),
                  recipes::function_helper(recipes::kSecondNameTrigger, column.id, function)};
  for (const std::string& trigger : {first_trigger(column.id), last_trigger(column.id)}) {
    step.sql.push_back("CREATE TRIGGER " + quote_identifier(trigger) + " BEFORE INSERT OR UPDATE ON " + table +
                       " FOR EACH ROW WHEN (" + differ("NEW." + name, old_value(column, context, "NEW.")) +
                       ") EXECUTE FUNCTION lockstep." + function + (trigger == last_trigger(column.id) ? "('last')" : "()"));
    step.sql.push_back("ALTER TABLE " + table + " ENABLE ALWAYS TRIGGER " + quote_identifier(trigger));
    step.helpers.push_back(recipes::trigger_helper(recipes::kSecondNameTrigger, column.id, trigger));
  }
  count_uses(column, context, step);
  step.lock = LockMode::access_exclusive;
  step.locks = {{table, step.lock}};
  recipes::warn_subscribers(relation_of(column.id), column.name, context, step);
  return step;
}

Step copy(const SecondColumn& column, const Context& context) {
  const std::string old = quote_identifier(column.id.path[2]), name = quote_identifier(column.name);
  Step step;
  step.title = fmt::format("copy {} to its second name {} in batches", catalog::to_string(column.id), name);
  step.mode = plan::TransactionMode::batches;
  step.phase = Phase::migrate;
  step.lock = LockMode::row_exclusive;
  step.locks = {{relation_name(column.id), step.lock}};
  step.scans = true;
  step.bytes = context.bytes(relation_of(column.id));
  step.batches = {column.id.path[0], column.id.path[1], name + " = " + old, differ(name, old_value(column, context, ""))};
  if (auto fired = recipes::fired_by_update(relation_of(column.id), column.name, {}, context))
    step.consequences.push_back(std::move(*fired));
  return step;
}

}  // namespace

Steps add_second_name(const SecondColumn& column, const Context& context) {
  return {add_column(column, context)};
}

Steps copy_second_name(const SecondColumn& column, const Context& context) {
  return {copy(column, context)};
}

Steps index_second_name(const SecondColumn& column, const SecondNames& all, const Context& context) {
  Steps steps;
  for (const auto& index : column.indexes) {
    for (Step& step : index_beside(index.id, index.successor, all.renamed, context)) {
      step.title = fmt::format("build an index like {} for the second name {} without blocking writers",
                               catalog::to_string(index.id), quote_identifier(column.name));
      warn_of_upserts(index.id, step, context);
      steps.push_back(std::move(step));
    }
  }
  return steps;
}

Steps add_second_name(const SecondTable& table, const Context& context) {
  constexpr int kInvokerFrom = 150000;
  const std::string view = qualified(table.id.path[0], table.name);
  std::vector<std::string> columns;
  for (const auto& column : table.columns) {
    const std::string before = quote_identifier(column.before);
    columns.push_back(column.before == column.after ? before : before + " AS " + quote_identifier(column.after));
  }
  Step step;
  step.title = fmt::format("create view {} as a second name of {}: until contract both are read and written", view,
                           catalog::to_string(table.id));
  step.sql = {"CREATE VIEW " + view + (context.server_version >= kInvokerFrom ? " WITH (security_invoker = true)" : "") +
              " AS SELECT " + support::join(columns, ", ") + " FROM " + qualified(table.id.path)};
  const ObjectId as{&kView.tag, {table.id.path[0], table.name}};
  if (const Object* live = context.from.find(table.id); live->has(kOwner))  // an owner's rights are no grant
    step.sql.push_back("GRANT ALL ON TABLE " + view + " TO " + quote_identifier(live->get(kOwner)));
  grant_too(table.id, as, context, step.sql);
  // So that the table is as it was when the plan was made.
  step.sql.insert(step.sql.begin(), "LOCK TABLE " + qualified(table.id.path) + " IN SHARE UPDATE EXCLUSIVE MODE");
  step.lock = LockMode::share_update_exclusive;
  step.locks = {{qualified(table.id.path), step.lock}};
  step.consumes = {table.id};
  step.helpers = {recipes::view_helper("second name", table.id, table.id.path[0], table.name)};
  return {std::move(step)};
}

Gone drop_second_name(const SecondColumn& column, const Context& context) {
  Gone gone;
  plan::DataCheck same = recipes::row_check(
      relation_of(column.id),
      fmt::format("{} and its second name {} have the same values", catalog::to_string(column.id), quote_identifier(column.name)),
      differ(quote_identifier(column.name), old_value(column, context, "")), false, context);
  same.upfront = false;
  gone.checks = {std::move(same)};
  const Step made = add_column(column, context);
  for (auto helper = made.helpers.rbegin(); helper != made.helpers.rend(); ++helper) gone.sql.push_back(helper->undo);
  gone.helpers = recipes::taken(made);
  for (const auto& index : column.indexes)  // they go with the column
    gone.helpers.push_back(recipes::taken(
        recipes::index_helper("index of a second name", index.id, index.id.path[0], index.successor.path.back(), true)));
  return gone;
}

Gone drop_second_name(const SecondTable& table) {
  return {.sql = {"DROP VIEW " + qualified(table.id.path[0], table.name)},
          .helpers = {recipes::taken(recipes::view_helper("second name", table.id, table.id.path[0], table.name))}};
}

}  // namespace lockstep::kinds
