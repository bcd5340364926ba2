#include "recipes/guarded_trigger.h"

#include "recipes/relation.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::recipes {
namespace {

using catalog::Attr;

constexpr Attr<bool> kConstraint{"constraint"};
constexpr Attr<std::string> kEvents{"events"}, kAction{"action"}, kEnabled{"enabled"};

const catalog::KindTag* const kTrigger = catalog::intern_kind("trigger");

constexpr std::string_view kGuard = "pg_catalog.current_setting('lockstep.backfill', true) IS DISTINCT FROM 'on'";
constexpr int kReplaceFrom = 140000;

[[noreturn]] void refuse(const std::string& table, const std::string& name, const std::string& why) {
  throw support::RefusedError("backfill … without triggers (" + name + ") on " + table + ": " + why +
                              "\nNothing was changed. Leave it out, and consent to its firing for each row that is filled.");
}

// Where `word` stands outside quotes and brackets; npos: nowhere. PostgreSQL printed the text.
std::size_t find_outside(const std::string& text, std::string_view word) {
  int depth = 0;
  char quote = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')') {
      --depth;
    } else if (depth == 0 && text.compare(at, word.size(), word) == 0) {
      return at;
    }
  }
  return std::string::npos;
}

}  // namespace

std::string with_guard(const std::string& action) {
  std::size_t call = find_outside(action, "EXECUTE FUNCTION ");
  if (call == std::string::npos) call = find_outside(action, "EXECUTE PROCEDURE ");
  if (call == std::string::npos) return {};
  const std::string guard(kGuard);
  constexpr std::string_view kWhen = "WHEN (";
  const std::size_t when = find_outside(action.substr(0, call), kWhen);
  if (when == std::string::npos) return action.substr(0, call) + "WHEN (" + guard + ") " + action.substr(call);
  const std::size_t inside = when + kWhen.size() - 1;  // its own brackets stay
  std::string condition = action.substr(inside, call - inside);
  while (!condition.empty() && condition.back() == ' ') condition.pop_back();
  return action.substr(0, when) + "WHEN (" + guard + " AND " + condition + ") " + action.substr(call);
}

GuardedTriggers::GuardedTriggers(const Object& column, const std::vector<std::string>& names, const Context& context)
    : column_(column) {
  const std::string table = relation_name(column.id);
  for (const std::string& name : names) {
    const ObjectId id{kTrigger, {column.id.path[0], column.id.path[1], name}};
    const Object* trigger = context.from.find(id);
    if (trigger == nullptr) refuse(table, name, "the table has no trigger of that name");
    if (context.server_version < kReplaceFrom)
      refuse(table, name, "only PostgreSQL 14 and later can make a trigger again in place");
    if (trigger->get(kConstraint)) refuse(table, name, "it is a constraint trigger, which can't be made again in place");
    const Object* later = context.to.find(id);
    if (context.is_new(id) || later == nullptr || later->get(kAction) != trigger->get(kAction) ||
        later->get(kEvents) != trigger->get(kEvents) || later->get(kEnabled) != trigger->get(kEnabled))
      refuse(table, name, "this plan changes or drops it; do that in another apply");
    if (with_guard(trigger->get(kAction)).empty()) refuse(table, name, "its definition can't be read: " + trigger->get(kAction));
    triggers_.push_back(trigger);
  }
}

plan::Step GuardedTriggers::step(std::string title, bool guarded) const {
  plan::Step step;
  step.title = std::move(title);
  for (const Object* trigger : triggers_) {
    const std::string name = support::quote_identifier(trigger->id.path[2]), table = relation_name(trigger->id);
    const std::string action = trigger->get(kAction);
    step.title += (trigger == triggers_.front() ? " " : ", ") + name;
    step.sql.push_back("CREATE OR REPLACE TRIGGER " + name + " " + trigger->get(kEvents) + " ON " + table + " " +
                       (guarded ? with_guard(action) : action));
    const std::string state = trigger->get(kEnabled);  // OR REPLACE enables it
    if (state == "always") step.sql.push_back("ALTER TABLE " + table + " ENABLE ALWAYS TRIGGER " + name);
    if (state == "replica") step.sql.push_back("ALTER TABLE " + table + " ENABLE REPLICA TRIGGER " + name);
    if (state == "disabled") step.sql.push_back("ALTER TABLE " + table + " DISABLE TRIGGER " + name);
  }
  step.lock = plan::LockMode::share_row_exclusive;
  step.phase = plan::Phase::migrate;
  return step;
}

plan::Step GuardedTriggers::guard() const {
  return step(
      "keep the backfill of " + relation_name(column_.id) + "." + support::quote_identifier(column_.id.path[2]) + " from firing",
      true);
}

plan::Step GuardedTriggers::as_they_were() const {
  return step("let everybody fire again", false);
}

}  // namespace lockstep::recipes
