// Trigger of a table, view or foreign table. Internal triggers (of constraints) and the copies on partitions belong to other
// objects.
//
// The introspected texts are slices of pg_get_triggerdef(), cut at lengths that follow from the catalog: a search for a keyword
// could find a quoted name or a literal.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/printing/plain_steps.h"
#include "kinds/relations/trigger_state.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace trigger {
namespace {

constexpr Attr<bool> kConstraint{"constraint"};
constexpr Attr<std::string> kFrom{"from"};

// tgtype is a bit mask: 2 before, 64 instead of, 4 insert, 8 delete, 16 update, 32 truncate (pg_trigger.h).
std::string introspect(int) {
  return R"(SELECT 'pg_trigger'::regclass::oid, g.oid, 0, 'pg_class'::regclass::oid, c.oid, 0, g.tgname, NULL::text,
  CASE WHEN g.tgconstraint <> 0 THEN true END AS "constraint",
  e.events,
  f.referenced AS "from",
  substr(pg_get_triggerdef(g.oid), 1 + length(
    'CREATE ' || CASE WHEN g.tgconstraint <> 0 THEN 'CONSTRAINT ' ELSE '' END || 'TRIGGER ' || quote_ident(g.tgname) || ' ' ||
    e.events || ' ON ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) || ' ' ||
    coalesce('FROM ' || f.referenced || ' ', ''))) AS action,
  CASE g.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END AS enabled
FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT
  CASE WHEN g.tgtype & 64 <> 0 THEN 'INSTEAD OF ' WHEN g.tgtype & 2 <> 0 THEN 'BEFORE ' ELSE 'AFTER ' END ||
  array_to_string(ARRAY[
    CASE WHEN g.tgtype & 4 <> 0 THEN 'INSERT' END,
    CASE WHEN g.tgtype & 8 <> 0 THEN 'DELETE' END,
    CASE WHEN g.tgtype & 16 <> 0 THEN 'UPDATE' || coalesce((SELECT ' OF ' || string_agg(quote_ident(a.attname), ', ' ORDER BY k.place)
      FROM unnest(g.tgattr::int2[]) WITH ORDINALITY k (number, place)
      JOIN pg_attribute a ON a.attrelid = g.tgrelid AND a.attnum = k.number), '') END,
    CASE WHEN g.tgtype & 32 <> 0 THEN 'TRUNCATE' END], ' OR ') AS events) e
CROSS JOIN LATERAL (SELECT CASE WHEN g.tgconstrrelid <> 0 THEN g.tgconstrrelid::regclass::text END AS referenced) f
WHERE NOT g.tgisinternal AND g.tgparentid = 0 AND )" +
         user_schema("n");
}

std::string state_statement(const Object& trigger) {
  const std::string state = trigger.get(keys::kEnabled);
  const std::string word = state == "disabled"  ? "DISABLE"
                           : state.empty()      ? "ENABLE"
                           : state == "replica" ? "ENABLE REPLICA"
                                                : "ENABLE ALWAYS";
  return "ALTER TABLE " + parent_name(trigger.id) + " " + word + " TRIGGER " + own_name(trigger);
}

// OR REPLACE enables the trigger, so the same step sets its state again.
Steps create(const Object& object, const Context& context) {
  std::string sql = stands(object.id, context) ? "CREATE OR REPLACE " : "CREATE ";
  if (object.get(kConstraint)) sql += "CONSTRAINT ";
  sql += "TRIGGER " + own_name(object) + " " + object.get(keys::kEvents) + " ON " + parent_name(object.id);
  if (object.has(kFrom)) sql += " FROM " + object.get(kFrom);
  sql += " " + object.get(keys::kAction);
  Step step = create_step(kTrigger, object, context, std::move(sql));
  if (object.has(keys::kEnabled)) step.sql.push_back(state_statement(object));
  if (stands(object.id, context)) {
    for (auto& statement : states_of_partitions(object.id, context)) step.sql.push_back(std::move(statement));
  }
  step.lock = lock_on_parent(object, plan::LockMode::share_row_exclusive, context);
  if (object.has(kFrom) && step.lock == plan::LockMode::none) step.lock = plan::LockMode::access_share;
  return {std::move(step)};
}

Steps drop(const Object& object, const Context& context) {
  return {drop_step(kTrigger, object, context, plan::LockMode::access_exclusive,
                    "writes to " + parent_name(object.id) + " no longer fire it")};
}

Steps change_state(const Change&, const Object&, const Object& to, const Context& context) {
  const std::string state = to.has(keys::kEnabled) ? to.get(keys::kEnabled) : "enabled";
  Step step = alter_step(kTrigger, to, state, {state_statement(to)});
  for (auto& statement : states_of_partitions(to.id, context)) step.sql.push_back(std::move(statement));
  step.lock = plan::LockMode::share_row_exclusive;
  if (state == "disabled" || state == "replica") {
    step.phase = plan::Phase::contract;
    step.breaking = "writes to " + parent_name(to.id) + " no longer fire it";
  }
  return {std::move(step)};
}

std::string declare(const Object& object, const Catalog&) {
  std::string text = object.get(kConstraint) ? "constraint trigger " : "trigger ";
  text += own_name(object) + " " + object.get(keys::kEvents);
  if (object.has(kFrom)) text += " from " + object.get(kFrom);
  text += " " + object.get(keys::kAction);
  if (object.has(keys::kEnabled)) text += " " + object.get(keys::kEnabled);
  return text;
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_object(kTrigger, from, to, plan::LockMode::access_exclusive, {});
}

// PostgreSQL has OR REPLACE for plain triggers only.
bool replaceable(const Object& from, const Object& to) {
  return !from.get(kConstraint) && !to.get(kConstraint);
}

constexpr AttrSpec kAttributes[] = {
    {.name = kConstraint.name, .type = ValueType::boolean},
    {.name = keys::kEvents.name, .expression = true},
    {.name = kFrom.name, .expression = true},
    {.name = keys::kAction.name, .expression = true},
    {.name = keys::kEnabled.name, .recipe = change_state},
};

}  // namespace
}  // namespace trigger

constinit const KindSpec kTrigger{
    .tag = {"trigger"},
    .keyword = "TRIGGER",
    .introspect = trigger::introspect,
    .attributes = trigger::kAttributes,
    .create = trigger::create,
    .drop = trigger::drop,
    .address = on_parent,
    .declare = trigger::declare,
    .rename = trigger::rename,
    .replaceable = trigger::replaceable,
    .joins_clauses = false,
    .refers_only = true,
};

}  // namespace lockstep::kinds
