// Rewrite rule of a table or view, except the rule that is a view's query.
//
// `definition` is without "TO table", which follows from where it is declared: "ON INSERT WHERE … DO INSTEAD …".
#include <algorithm>
#include <cctype>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/printing/plain_steps.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace rule {
namespace {

// The definition is what follows "CREATE RULE name AS <blank>ON EVENT TO relation", whose length is known from the catalog.
std::string introspect(int) {
  return R"(SELECT 'pg_rewrite'::regclass::oid, r.oid, 0, 'pg_class'::regclass::oid, c.oid, 0, r.rulename, NULL::text,
  e.event || rtrim(substr(ltrim(substr(pg_get_ruledef(r.oid), 1 + length('CREATE RULE ' || quote_ident(r.rulename) || ' AS')), E' \n'),
    1 + length(e.event || ' TO ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname))), ';') AS definition,
  CASE r.ev_enabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END AS enabled
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT 'ON ' || CASE r.ev_type WHEN '1' THEN 'SELECT' WHEN '2' THEN 'UPDATE' WHEN '3' THEN 'INSERT'
  ELSE 'DELETE' END AS event) e
WHERE r.rulename <> '_RETURN' AND )" +
         user_schema("n");
}

std::size_t skip(const std::string& text, std::size_t at, bool words) {
  const auto wanted = [&](char c) {
    return (words ? std::isalpha(static_cast<unsigned char>(c)) : std::isspace(static_cast<unsigned char>(c))) != 0;
  };
  while (at < text.size() && wanted(text[at])) ++at;
  return at;
}

// "ON INSERT" + " TO relation" + the rest. A text that contains TO is left as its author wrote it.
std::string with_relation(const std::string& definition, const std::string& relation) {
  const std::size_t event = skip(definition, skip(definition, 0, true), false);
  const std::size_t after_event = skip(definition, event, true);
  const std::size_t next = skip(definition, after_event, false);
  std::string word = definition.substr(next, skip(definition, next, true) - next);
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (word == "to") return definition;
  return definition.substr(0, after_event) + " TO " + relation + definition.substr(after_event);
}

std::string state_statement(const Object& rule) {
  const std::string state = rule.get(keys::kEnabled);
  const std::string word = state == "disabled"  ? "DISABLE"
                           : state.empty()      ? "ENABLE"
                           : state == "replica" ? "ENABLE REPLICA"
                                                : "ENABLE ALWAYS";
  return "ALTER TABLE " + parent_name(rule.id) + " " + word + " RULE " + own_name(rule);
}

std::string rewritten(const Object& rule) {
  return "statements on " + parent_name(rule.id) + " are rewritten differently";
}

// OR REPLACE keeps the state; a change of the state is a change of its own attribute.
Steps create(const Object& object, const Context& context) {
  const bool replace = stands(object.id, context);
  std::string sql = (replace ? "CREATE OR REPLACE RULE " : "CREATE RULE ") + own_name(object) + " AS " +
                    with_relation(object.get(keys::kDefinition), parent_name(object.id));
  Step step = create_step(kRule, object, context, std::move(sql));
  if (!replace && object.has(keys::kEnabled)) step.sql.push_back(state_statement(object));
  // Its actions are analysed against tables that may exist already, with the locks of writing to them.
  step.lock = plan::LockMode::row_exclusive;
  if (stands(*object.parent, context)) {
    step.lock = plan::LockMode::access_exclusive;
    step.phase = plan::Phase::contract;
    step.breaking = rewritten(object);
  }
  return {std::move(step)};
}

Steps drop(const Object& object, const Context& context) {
  return {drop_step(kRule, object, context, plan::LockMode::access_exclusive, rewritten(object))};
}

Steps change_state(const Change&, const Object&, const Object& to, const Context&) {
  Step step = alter_step(kRule, to, to.has(keys::kEnabled) ? to.get(keys::kEnabled) : "enabled", {state_statement(to)});
  step.phase = plan::Phase::contract;
  step.lock = plan::LockMode::access_exclusive;
  step.breaking = rewritten(to);
  return {std::move(step)};
}

// The state precedes the definition, which is raw text up to its end.
std::string declare(const Object& object, const Catalog&) {
  const std::string state = object.has(keys::kEnabled) ? " " + object.get(keys::kEnabled) : "";
  return "rule " + own_name(object) + state + " as " + object.get(keys::kDefinition);
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_object(kRule, from, to, plan::LockMode::access_exclusive, {});
}

bool replaceable(const Object&, const Object&) {
  return true;
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kDefinition.name, .expression = true},
    {.name = keys::kEnabled.name, .recipe = change_state},
};

}  // namespace
}  // namespace rule

constinit const KindSpec kRule{
    .tag = {"rule"},
    .keyword = "RULE",
    .introspect = rule::introspect,
    .attributes = rule::kAttributes,
    .create = rule::create,
    .drop = rule::drop,
    .address = on_parent,
    .declare = rule::declare,
    .rename = rule::rename,
    .replaceable = rule::replaceable,
    .joins_clauses = false,
    .dropped_before_parent = true,
    .refers_only = true,
};

}  // namespace lockstep::kinds
