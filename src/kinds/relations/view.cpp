// View: a stored query. Replaced in place if its old columns remain the first ones, else dropped and recreated.
#include <algorithm>
#include <cctype>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/printing/option_list.h"
#include "kinds/printing/plain_steps.h"
#include "kinds/registry.h"
#include "kinds/relations/view_sql.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace view {
namespace {

// reloptions keep the author's spelling of a boolean ("on", "1"), and they are compared as stored.
std::string introspect(int) {
  return R"(SELECT 'pg_class'::regclass::oid, c.oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, c.relname, NULL::text,
  )" + view_query_sql("c") +
         R"( AS query,
  (SELECT array_agg(o ORDER BY o) FROM unnest(c.reloptions) o) AS options,
  )" + relation_columns_sql("c") +
         R"( AS columns,
  pg_get_userbyid(c.relowner)::text AS owner
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v' AND )" +
         user_schema("n");
}

// Adds the view's columns: they are created and dropped with it, a new one with its default.
void take_columns(Step& step, const Object& view, const Context& context) {
  const auto index = context.to.index_of(view.id);
  if (!index) return;
  for (const auto child : context.to.children(*index)) {
    const Object& column = context.to.at(child);
    if (!of(column.id).made_with_parent) continue;
    step.produces.push_back(column.id);
    if (stands(column.id, context)) continue;
    // A plain view's column has no such settings; PostgreSQL reports an error if a file states some.
    for (auto& statement : relation_column_settings(column)) step.sql.push_back(std::move(statement));
    if (column.has(keys::kDefault)) {
      step.sql.push_back("ALTER VIEW " + support::qualified(view.id.path) + " ALTER COLUMN " + own_name(column) +
                         " SET DEFAULT " + column.get(keys::kDefault));
    }
  }
}

// PostgreSQL's parsing of a boolean option: any unambiguous prefix of its words.
bool is_true(std::string word) {
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  if (word.empty()) return false;
  return word == "on" || word == "1" || std::string_view("true").starts_with(word) || std::string_view("yes").starts_with(word);
}

// The meaning of the options, however they are spelled: check_option has keywords of its own, the others are booleans.
std::map<std::string, std::string> meaning(const Object& view) {
  auto options = options_by_name(view.get(keys::kOptions));
  for (auto& [name, value] : options) {
    if (name != "check_option") value = is_true(value) ? "true" : "false";
  }
  return options;
}

// security_invoker, security_barrier and check options decide which rows a statement sees or may write.
std::string other_rows(const Object& view) {
  return "statements on view " + support::join(view.id.path, ".") + " may see or write other rows, or be refused";
}

// A replaced view keeps its owner, grants and triggers. Its columns can only be added to, so old statements keep working.
Steps create(const Object& object, const Context& context) {
  const bool replace = stands(object.id, context);
  const auto options = object.get(keys::kOptions);
  std::string sql = (replace ? "CREATE OR REPLACE VIEW " : "CREATE VIEW ") + support::qualified(object.id.path);
  if (!options.empty()) sql += " WITH (" + options_text(options) + ")";
  sql += " AS\n" + object.get(keys::kQuery);
  Step step = create_step(kView, object, context, std::move(sql));
  step.lock = replace ? plan::LockMode::access_exclusive : plan::LockMode::access_share;
  if (replace && meaning(*context.from.find(object.id)) != meaning(object)) {
    step.phase = plan::Phase::contract;
    step.breaking = other_rows(object);
  }
  take_columns(step, object, context);
  return {std::move(step)};
}

Steps drop(const Object& object, const Context& context) {
  return {drop_step(kView, object, context, plan::LockMode::access_exclusive,
                    "statements that use view " + support::join(object.id.path, ".") + " fail: it does not exist")};
}

std::string declare(const Object& object, const Catalog&) {
  std::string text = "view " + own_name(object);
  List options;
  std::string check;
  for (const auto& option : object.get(keys::kOptions)) {
    const auto [name, value] = split_option(option);
    if (name == "check_option") {
      check = " with " + value + " check option";
    } else {
      options.push_back(option);
    }
  }
  if (!options.empty()) text += " with (" + options_text(options) + ")";
  return text + " as " + support::dollar_quote("\n" + object.get(keys::kQuery) + "\n") + check;
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_object(kView, from, to, plan::LockMode::access_exclusive,
                       "statements that name view " + support::join(from.path, ".") + " fail: it does not exist");
}

// If the columns are unknown (a declared view that no server has read), they can't be assumed to fit.
bool replaceable(const Object& from, const Object& to) {
  const auto old_columns = from.get(keys::kColumns);
  const auto new_columns = to.get(keys::kColumns);
  return !old_columns.empty() && new_columns.size() >= old_columns.size() &&
         std::equal(old_columns.begin(), old_columns.end(), new_columns.begin());
}

// If the query changes too, the replacement includes the options; a check option may fit only one of the two queries.
Steps change_options(const Change& change, const Object& from, const Object& to, const Context&) {
  const auto is_query = [](const auto& item) { return item.attribute == keys::kQuery.name; };
  if (std::any_of(change.attributes.begin(), change.attributes.end(), is_query)) return {};
  std::vector<std::string> sql;
  for (const auto& action : option_actions(from.get(keys::kOptions), to.get(keys::kOptions))) {
    sql.push_back(alter(kView, to.id) + " " + action);
  }
  Step step = alter_step(kView, to, "options", std::move(sql));
  step.lock = plan::LockMode::access_exclusive;
  if (meaning(from) == meaning(to)) return {std::move(step)};
  step.phase = plan::Phase::contract;
  step.breaking = other_rows(to);
  return {std::move(step)};
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kQuery.name, .expression = true},
    {.name = keys::kOptions.name, .type = ValueType::list, .recipe = change_options},
    {.name = keys::kColumns.name, .type = ValueType::list, .derived = true},
    kOwnerAttribute,
};

}  // namespace
}  // namespace view

constinit const KindSpec kView{
    .tag = {"view"},
    .keyword = "VIEW",
    .introspect = view::introspect,
    .attributes = view::kAttributes,
    .create = view::create,
    .drop = view::drop,
    .address = [](const ObjectId& id) { return support::qualified(id.path); },
    .declare = view::declare,
    .rename = view::rename,
    .replaceable = view::replaceable,
    .grant_keyword = "TABLE",
    .joins_clauses = false,
    .name_scope = NameScope::relations,
};

}  // namespace lockstep::kinds
