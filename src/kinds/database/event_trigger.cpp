// Event triggers. Definition: "ON event [WHEN TAG IN (…)] EXECUTE FUNCTION f() [DISABLED | REPLICA | ALWAYS]". The last word is
// the schema language's; PostgreSQL has a separate statement for it. The owner and that state are altered in place; for any
// other change it is dropped and recreated, which is cheap.
#include <algorithm>
#include <cctype>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/plain_steps.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace event_trigger {
namespace {

constexpr AttrSpec kAttributes[] = {{.name = keys::kDefinition.name, .expression = true}, kOwnerAttribute};

std::string introspect(int) {
  return "SELECT 'pg_event_trigger'::regclass::oid, t.oid, 0, NULL::oid, NULL::oid, NULL::int, t.evtname::text, NULL::text,"
         " 'ON ' || t.evtevent || coalesce(' WHEN TAG IN (' || (SELECT string_agg(quote_literal(x.tag), ', ' ORDER BY x.i)"
         "   FROM unnest(t.evttags) WITH ORDINALITY AS x(tag, i)) || ')', '')"
         " || ' EXECUTE FUNCTION ' || t.evtfoid::regproc::text || '()'"
         " || CASE t.evtenabled WHEN 'D' THEN ' DISABLED' WHEN 'R' THEN ' REPLICA' WHEN 'A' THEN ' ALWAYS' ELSE '' END AS "
         "definition,"
         " pg_get_userbyid(t.evtowner)::text AS owner FROM pg_event_trigger t";
}

std::string address(const ObjectId& id) {
  return support::quote_identifier(id.path[0]);
}

bool cut_word(std::string& text, std::string_view word) {
  if (text.size() <= word.size()) return false;
  const std::size_t from = text.size() - word.size();
  const bool same = std::equal(word.begin(), word.end(), text.begin() + static_cast<std::ptrdiff_t>(from),
                               [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
  if (!same || std::isspace(static_cast<unsigned char>(text[from - 1])) == 0) return false;
  text.erase(from - 1);
  return true;
}

// The definition without its state, and the state in ALTER's syntax.
struct Parts {
  std::string definition, state;
};
Parts parts_of(const Object& object) {
  Parts parts{object.get(keys::kDefinition), "ENABLE"};
  if (cut_word(parts.definition, "disabled")) {
    parts.state = "DISABLE";
  } else if (cut_word(parts.definition, "replica")) {
    parts.state = "ENABLE REPLICA";
  } else if (cut_word(parts.definition, "always")) {
    parts.state = "ENABLE ALWAYS";
  }
  return parts;
}

Steps create(const Object& object, const Context& context) {
  const Parts parts = parts_of(object);
  const std::string change_state = alter(kEventTrigger, object.id) + " " + parts.state;
  if (stands(object.id, context)) {
    Step step = recipes::step_for(object, "change when " + catalog::to_string(object.id) + " fires", {change_state});
    if (parts.state == "DISABLE" || parts.state == "ENABLE REPLICA") {
      step.phase = plan::Phase::contract;
      step.breaking = "DDL statements of ordinary sessions no longer fire it";
    }
    return {std::move(step)};
  }
  Step step = recipes::step_for(object, "create " + catalog::to_string(object.id),
                                {"CREATE EVENT TRIGGER " + address(object.id) + " " + parts.definition});
  if (parts.state != "ENABLE") step.sql.push_back(change_state);
  return {std::move(step)};
}

bool replaceable(const Object& from, const Object& to) {
  return parts_of(from).definition == parts_of(to).definition;
}

std::string declare(const Object& object, const Catalog&) {
  return "event trigger " + address(object.id) + " " + object.get(keys::kDefinition);
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_steps(from, to, alter(kEventTrigger, from) + " RENAME TO " + address(to));
}

}  // namespace
}  // namespace event_trigger

constinit const KindSpec kEventTrigger{
    .tag = {"event_trigger"},
    .keyword = "EVENT TRIGGER",
    .introspect = event_trigger::introspect,
    .attributes = event_trigger::kAttributes,
    .create = event_trigger::create,
    .address = event_trigger::address,
    .declare = event_trigger::declare,
    .rename = event_trigger::rename,
    .replaceable = event_trigger::replaceable,
    .joins_clauses = false,
    .placement = Placement::database,
    .made_by = Maker::superuser,
    .reaches_unnamed = true,
};

}  // namespace lockstep::kinds
