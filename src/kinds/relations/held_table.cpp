#include "kinds/relations/held_table.h"

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/registry.h"
#include "recipes/relation.h"
#include "recipes/transitional.h"
#include "support/digest.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using plan::LockMode;
using plan::Phase;
using support::qualified;
using support::quote_identifier;

// Sequences that are dropped with the table, because its columns own them. That of an identity is a part of its column.
std::vector<const Object*> owned_sequences(const Object& table, const Context& context) {
  std::vector<const Object*> sequences;
  for (const auto child : context.from.children(*context.from.index_of(table.id))) {
    for (const auto& edge : context.from.edges_to(child)) {
      const Object& other = context.from.at(edge.dependent);
      if (edge.automatic && other.id.is(kSequence.tag) && !context.to.contains(other.id)) sequences.push_back(&other);
    }
  }
  return sequences;
}

std::string guard_of(const Object& table) {
  return "zz_lockstep_gone_" + support::sha256(catalog::to_string(table.id)).substr(0, 12);
}

// Nobody writes to it by its new name either: what is saved is all that there is. Rows may be deleted: what they referred to can
// have gone, and then they stand in the way of a rollback.
void close_to_writers(const Object& table, const std::string& hidden, Step& hide) {
  const std::string helper = guard_of(table), function = "lockstep." + helper, name = qualified(table.id.path[0], hidden);
  const std::string message = catalog::to_string(table.id) + " is being dropped: it takes no rows any more";
  hide.sql.push_back("CREATE FUNCTION " + function + "() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS " +
                     support::dollar_quote("BEGIN RAISE EXCEPTION USING MESSAGE = " + support::quote_literal(message) + "; END"));
  hide.sql.push_back("CREATE TRIGGER " + helper + " BEFORE INSERT OR UPDATE OR TRUNCATE ON " + name +
                     " FOR EACH STATEMENT EXECUTE FUNCTION " + function + "()");
  hide.sql.push_back("ALTER TABLE " + name + " ENABLE ALWAYS TRIGGER " + helper);
  hide.helpers.push_back(recipes::function_helper("guard of a hidden table", table.id, helper));
  ObjectId now = table.id;
  now.path.set(1, hidden);
  plan::Helper trigger = recipes::trigger_helper("guard of a hidden table", now, helper);
  trigger.subject = table.id.path;
  hide.helpers.push_back(std::move(trigger));
}

}  // namespace

std::vector<const Object*> foreign_keys_to_what_stays(const Object& table, const Context& context) {
  const Catalog& from = context.from;
  std::vector<const Object*> keys;
  for (const auto child : from.children(*from.index_of(table.id))) {
    const Object& part = from.at(child);
    if (!part.id.is(kForeignKey.tag)) continue;
    const auto& edges = from.edges_from(child);
    const bool stays = std::none_of(edges.begin(), edges.end(), [&](const auto& edge) {
      const ObjectId &used = from.at(edge.referenced).id, &whole = from.at(from.root(edge.referenced)).id;
      return whole != table.id && (context.is_new(used) || context.is_new(whole));
    });
    if (stays) keys.push_back(&part);
  }
  return keys;
}

Steps drop_held_table(const Object& table, const Context& context) {
  const std::string name = qualified(table.id.path);
  const std::string hidden = recipes::transitional_name(context, table.id.path[0], "dropped_" + table.id.path[1]);
  const std::string hidden_name = qualified(table.id.path[0], hidden);

  Context there = context;  // as it is when the table has its name back: it has rows
  there.is_new = [](const ObjectId&) { return false; };
  there.online = [](const ObjectId&) { return true; };
  Step hide;
  hide.title = "hide " + catalog::to_string(table.id) + ": statements that use it fail from here on";
  hide.phase = Phase::contract;
  hide.lock = LockMode::access_exclusive;
  hide.destroys = {table.id};
  for (const Object* key : foreign_keys_to_what_stays(table, context)) {
    hide.sql.push_back("ALTER TABLE " + name + " DROP CONSTRAINT " + quote_identifier(key->id.path.back()));
    for (Step& step : of(key->id).create(*key, there)) {
      step.alters.clear();
      for (auto& check : step.checks) check.upfront = false;  // the table has no rows to ask under its own name before
      hide.undo.steps.push_back(std::move(step));
    }
  }
  for (const Object* sequence : owned_sequences(table, context)) {
    const std::string aside = recipes::transitional_name(context, sequence->id.path[0], "dropped_" + sequence->id.path[1]);
    hide.sql.push_back("ALTER SEQUENCE " + qualified(sequence->id.path) + " RENAME TO " + quote_identifier(aside));
    hide.helpers.push_back(recipes::hidden_relation(*sequence, aside));
    hide.destroys.push_back(sequence->id);
  }
  hide.sql.push_back("ALTER TABLE " + name + " RENAME TO " + quote_identifier(hidden));
  hide.helpers.push_back(recipes::hidden_relation(table, hidden));
  close_to_writers(table, hidden, hide);

  Step drop;
  drop.title = "drop " + catalog::to_string(table.id);
  drop.sql = {"DROP TABLE " + hidden_name, "DROP FUNCTION IF EXISTS lockstep." + guard_of(table) + "()"};
  drop.phase = Phase::purge;
  drop.lock = LockMode::access_exclusive;
  drop.locks = {{hidden_name, drop.lock}};
  drop.destroys = hide.destroys;
  drop.helpers = recipes::taken(hide);
  drop.losses = {{.hazard = "drop-table",
                  .object = support::join(table.id.path, "."),
                  .what = catalog::to_string(table.id),
                  .relation = name,
                  .query = "SELECT * FROM " + hidden_name,
                  .hidden = hidden_name}};
  return {std::move(hide), std::move(drop)};
}

}  // namespace lockstep::kinds
