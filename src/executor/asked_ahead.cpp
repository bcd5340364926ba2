#include "executor/asked_ahead.h"

#include <algorithm>
#include <optional>
#include <set>

#include "plan/undo.h"
#include "support/sql_text.h"
#include "support/sql_words.h"

namespace lockstep::executor {
namespace {

bool gives_name_back(const plan::Helper& helper) {
  return helper.change == plan::Helper::Change::taken && plan::holds_former_values(helper);
}

// What gets its name back. What the plan itself hides before it drops it has its name still.
std::vector<plan::Helper> coming_back(const plan::Plan& plan) {
  std::vector<plan::Helper> back;
  std::set<std::vector<std::string>> hidden;
  for (const plan::Step& step : plan.steps) {
    for (const plan::Helper& helper : step.helpers) {
      if (!plan::holds_former_values(helper)) continue;
      if (helper.change == plan::Helper::Change::made) hidden.insert(helper.names);
      if (gives_name_back(helper) && !hidden.contains(helper.names)) back.push_back(helper);
    }
  }
  return back;
}

// Of hidden tables, to their former names.
std::vector<support::Sql> renames(const std::vector<plan::Helper>& back) {
  std::vector<support::Sql> sql;
  for (const plan::Helper& helper : back) {
    if (helper.names.size() != 2) continue;
    sql.push_back("ALTER TABLE " + support::Sql::relation(support::qualified(helper.names)) + " RENAME TO " +
                  support::Sql::identifier(helper.subject.back()));
  }
  return sql;
}

// Whether another column has the name that a hidden one gets back: a question about that name would be about the other one.
bool is_ambiguous(postgres::Session& session, const std::vector<plan::Helper>& back) {
  return std::any_of(back.begin(), back.end(), [&](const plan::Helper& helper) {
    if (helper.names.size() != 3) return false;
    const auto rows = session.query(
        "SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attname = $2 AND NOT "
        "a.attisdropped",
        {support::qualified(helper.names[0], helper.names[1]), helper.subject.back()});
    return !rows.empty();
  });
}

// Of all tables, the columns whose values have to do with the type: in an array, a domain, a range or a composite too.
constexpr support::Sql kColumnsOfType = R"sql(
WITH RECURSIVE used (oid) AS (
  SELECT t.oid FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
  WHERE t.oid = pg_catalog.to_regtype($1) AND coalesce(c.relkind, 'c') = 'c'
  UNION
  SELECT t.oid FROM used u JOIN pg_catalog.pg_type t ON t.typelem = u.oid OR t.typbasetype = u.oid
    OR EXISTS (SELECT FROM pg_catalog.pg_range r WHERE r.rngsubtype = u.oid AND (t.oid = r.rngtypid OR
      t.oid::pg_catalog.text = pg_catalog.to_jsonb(r) ->> 'rngmultitypid'))
    OR EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND a.atttypid = u.oid AND NOT a.attisdropped))
SELECT DISTINCT a.attname FROM used u LEFT JOIN pg_catalog.pg_attribute a ON a.atttypid = u.oid AND a.attnum > 0
  AND NOT a.attisdropped)sql";

// What a change of the type or view can change for a question: these columns, and whatever names it. nullopt: it is neither.
std::optional<std::vector<std::string>> changed_with(postgres::Session& session, const catalog::ObjectId& id) {
  if (id.path.size() != 2) return std::nullopt;
  const std::string name = support::qualified(id.path);
  const auto view =
      session.query("SELECT FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1) AND relkind = 'v'", {name});
  const auto columns = session.query(kColumnsOfType, {name});
  if (view.empty() && columns.empty()) return std::nullopt;
  std::vector<std::string> names{id.path.back()};
  for (std::size_t row = 0; row < columns.size(); ++row)
    if (columns.at(row, 0)) names.push_back(columns.text(row, 0));
  return names;
}

// The columns whose values the step changes. nullopt: of what it changes, nothing can be said.
std::optional<std::vector<std::string>> changed_by(postgres::Session& session, const plan::Step& step) {
  std::vector<std::string> columns;
  // A renamed part (a column, a constraint) concerns those questions alone that name it; what a renamed relation was called is in
  // all.
  if (step.renames) {
    for (const auto* ids : {&step.destroys, &step.produces}) {
      for (const catalog::ObjectId& id : *ids) {
        if (id.path.size() < 3) return std::nullopt;
        columns.push_back(id.path.back());
      }
    }
    return columns;
  }
  const bool gives_back = std::any_of(step.helpers.begin(), step.helpers.end(), gives_name_back);
  for (const catalog::ObjectId& id : step.produces) {
    if (id.path.size() > 2 || gives_back) continue;
    const auto with = changed_with(session, id);
    if (!with) return std::nullopt;
    columns.insert(columns.end(), with->begin(), with->end());
  }
  // As it stands in the statement. Of several, the others are successors, which nobody can ask about before they are there.
  if (step.mode == plan::TransactionMode::batches) {
    const auto words = support::sql_words(step.batches.assignment.substr(0, step.batches.assignment.find(" = ")));
    return std::vector(words.begin(), words.end());
  }
  if (!step.rewrites && !step.converts) return columns;
  for (const catalog::ObjectId& id : step.produces) columns.push_back(id.path.back());
  return columns.empty() ? std::nullopt : std::optional(columns);
}

// A name too many only lets the question wait for its step.
bool names_one(const std::string& query, const std::vector<std::string>& columns) {
  const auto words = support::sql_words(query);
  return std::any_of(columns.begin(), columns.end(),
                     [&](const std::string& column) { return column.empty() || words.contains(column); });
}

// The question can't be asked of the database as it is: the step itself can tell.
bool can_wait(const support::DatabaseError& error) {
  return error.sqlstate().starts_with("42") || error.sqlstate().starts_with("3F") || error.sqlstate() == "55P03";
}

}  // namespace

std::vector<Violation> ask_ahead(postgres::Session& session, const plan::Plan& plan, const postgres::TextSettings& own) {
  std::vector<Violation> violations;
  std::optional<support::CommandError> unasked;
  const auto back = coming_back(plan);
  if (is_ambiguous(session, back)) return violations;
  const auto as_if = renames(back);
  std::vector<std::string> changed;
  for (const plan::Step& step : plan.steps) {
    for (const plan::DataCheck& check : step.checks) {
      if (check.upfront || names_one(check.count, changed)) continue;
      try {
        auto found = ask_as_if(session, step, check, own, as_if);
        const bool told = found && std::any_of(violations.begin(), violations.end(),
                                               [&](const Violation& other) { return other.rule == found->rule; });
        if (found && !told) violations.push_back(std::move(*found));
      } catch (const support::DatabaseError& error) {
        if (can_wait(error)) continue;
        if (!is_about_a_value(error)) throw;
        if (!unasked) unasked = could_not_ask(plan.target.database, step, error);
      }
    }
    const auto columns = changed_by(session, step);
    if (!columns) break;
    changed.insert(changed.end(), columns->begin(), columns->end());
  }
  if (violations.empty() && unasked) throw *unasked;
  return violations;
}

}  // namespace lockstep::executor
