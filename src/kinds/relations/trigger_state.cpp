// Whether a partition's copy of its parent's trigger fires. The copy itself belongs to the parent's trigger; an object of this
// kind exists only if the copy's state differs from the parent's.
#include "kinds/relations/trigger_state.h"

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/inheritance/change_parents.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/printing/plain_steps.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace trigger_state {
namespace {

std::string introspect(int) {
  return R"(SELECT 'pg_trigger'::regclass::oid, g.oid, 0, 'pg_class'::regclass::oid, c.oid, 0, g.tgname, NULL::text,
  CASE g.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' ELSE 'enabled' END AS enabled
FROM pg_trigger g JOIN pg_trigger p ON p.oid = g.tgparentid JOIN pg_class c ON c.oid = g.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT p.tgisinternal AND g.tgenabled <> p.tgenabled AND )" +
         user_schema("n");
}

std::string statement(const ObjectId& id, const std::string& state) {
  const std::string word = state == "disabled"  ? "DISABLE"
                           : state == "replica" ? "ENABLE REPLICA"
                           : state == "always"  ? "ENABLE ALWAYS"
                                                : "ENABLE";
  return "ALTER TABLE " + parent_name(id) + " " + word + " TRIGGER " + support::quote_identifier(id.path.back());
}

// The trigger that a partition's copy comes from, preceded by the states of the copies on partitions in between, nearest first.
std::vector<ObjectId> above(const ObjectId& id, const Catalog& catalog) {
  std::vector<ObjectId> found;
  const Object* table = catalog.find({&kTable.tag, {id.path[0], id.path[1]}});
  while (table != nullptr && table->has(keys::kPartitionOf)) {
    catalog::Path path = table->get(keys::kPartitionOf);
    table = catalog.find({&kTable.tag, path});
    path.push_back(id.path.back());
    for (const KindSpec* kind : {&kTriggerState, &kTrigger}) {
      if (catalog.contains({&kind->tag, path})) found.push_back({&kind->tag, path});
    }
  }
  return found;
}

Step say(const ObjectId& id, const std::string& state, const Context& context) {
  Step step;
  step.title = (state == "disabled" ? "disable" : "set when it fires:") + std::string(" trigger ") + id.path.back() +
               " of partition " + support::join({id.path[0], id.path[1]}, ".");
  step.sql = {statement(id, state)};
  if (!context.is_new({&kTable.tag, {id.path[0], id.path[1]}})) step.lock = plan::LockMode::share_row_exclusive;
  step.consumes = above(id, context.to);
  return step;
}

Steps create(const Object& object, const Context& context) {
  const std::string state = object.get(keys::kEnabled);
  Step step = say(object.id, state, context);
  step.produces = {object.id};
  if ((state == "disabled" || state == "replica") && step.lock != plan::LockMode::none) {
    step.phase = plan::Phase::contract;
    step.breaking = "writes to " + parent_name(object.id) + " no longer fire it";
  }
  return {std::move(step)};
}

Steps change(const Change&, const Object&, const Object& to, const Context& context) {
  return create(to, context);
}

// Sets the parent's state.
Steps drop(const Object& object, const Context& context) {
  const auto parents = above(object.id, context.to);
  if (parents.empty() || context.is_new(parents.back())) return {};  // the copies of a new trigger have its state
  const std::string state = context.to.find(parents.front())->get(keys::kEnabled);
  Step step = say(object.id, state.empty() ? "enabled" : state, context);
  step.destroys = {object.id};
  if (state == "disabled" || state == "replica") {
    step.phase = plan::Phase::contract;
    step.breaking = "writes to " + parent_name(object.id) + " no longer fire it";
  }
  return {std::move(step)};
}

std::string declare(const Object& object, const Catalog&) {
  return "trigger " + own_name(object) + " " + object.get(keys::kEnabled);
}

std::vector<ObjectId> uses(const Object& object, const Catalog& catalog) {
  return above(object.id, catalog);
}

constexpr AttrSpec kAttributes[] = {{.name = keys::kEnabled.name, .recipe = change}};

// Whether the state is in both catalogs and equal.
bool is_kept(const Object& state, const Context& context) {
  const Object* before = context.from.find(state.id);
  return before != nullptr && before->get(keys::kEnabled) == state.get(keys::kEnabled);
}

// The state's table and those above it, up to and without the table of the trigger itself.
std::vector<ObjectId> tables_below_trigger(const ObjectId& state, const Catalog& catalog) {
  std::vector<ObjectId> tables{{&kTable.tag, {state.path[0], state.path[1]}}};
  for (const Object* table = catalog.find(tables.back()); table != nullptr && table->has(keys::kPartitionOf);
       table = catalog.find(tables.back())) {
    const catalog::Path parent = table->get(keys::kPartitionOf);
    if (catalog.contains({&kTrigger.tag, {parent[0], parent[1], state.path.back()}})) break;
    tables.push_back({&kTable.tag, parent});
  }
  return tables;
}

// Statements for these states. ALTER TABLE of a partition recurses to its own partitions, so it runs before theirs.
std::vector<std::string> statements_for(std::vector<const Object*> states, const Catalog& catalog) {
  std::stable_sort(states.begin(), states.end(), [&](const Object* a, const Object* b) {
    return tables_below_trigger(a->id, catalog).size() < tables_below_trigger(b->id, catalog).size();
  });
  std::vector<std::string> sql;
  for (const Object* state : states) sql.push_back(statement(state->id, state->get(keys::kEnabled)));
  return sql;
}

}  // namespace
}  // namespace trigger_state

void add_states_of_triggers(Step& attach, const Object& from, const Object& to, const Context& context) {
  if (!moves_partition(from, to)) return;
  std::vector<const Object*> states;
  for (const Object& object : context.to.objects()) {
    if (!object.id.is(kTriggerState.tag) || !trigger_state::is_kept(object, context)) continue;
    const auto tables = trigger_state::tables_below_trigger(object.id, context.to);
    if (std::find(tables.begin(), tables.end(), to.id) == tables.end()) continue;
    states.push_back(&object);
    for (ObjectId& id : trigger_state::above(object.id, context.to)) attach.consumes.push_back(std::move(id));
  }
  for (auto& sql : trigger_state::statements_for(std::move(states), context.to)) attach.sql.push_back(std::move(sql));
}

std::vector<std::string> states_of_partitions(const ObjectId& trigger, const Context& context) {
  std::vector<const Object*> states;
  for (const Object& object : context.to.objects()) {
    if (!object.id.is(kTriggerState.tag) || object.id.path.back() != trigger.path.back()) continue;
    if (!trigger_state::is_kept(object, context)) continue;  // has a change of its own, which runs later
    const auto parents = trigger_state::above(object.id, context.to);
    if (!parents.empty() && parents.back() == trigger) states.push_back(&object);
  }
  return trigger_state::statements_for(std::move(states), context.to);
}

constinit const KindSpec kTriggerState{
    .tag = {"trigger_state"},
    .keyword = "TRIGGER",
    .introspect = trigger_state::introspect,
    .attributes = trigger_state::kAttributes,
    .create = trigger_state::create,
    .drop = trigger_state::drop,
    .address = on_parent,
    .declare = trigger_state::declare,
    .uses = trigger_state::uses,
    .refers_only = true,
};

}  // namespace lockstep::kinds
