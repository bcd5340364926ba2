#include "executor/own_helpers.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "executor/trusted_roles.h"
#include "support/error.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::executor {
namespace {

using plan::Helper;
using Name = std::pair<std::string, std::vector<std::string>>;  // type, names

// Whether PostgreSQL would accept the helper's statements although somebody else's object has that name, or would call that
// object. Columns, constraints and indexes don't count: their statements fail if the name exists.
// Functions are in schema lockstep. The names of triggers begin so that they fire last.
bool counts(const Helper& helper) {
  const bool in_lockstep = helper.names.size() == 2 && helper.names.front() == "lockstep";
  const bool trigger = helper.names.size() == 3 &&
                       (helper.names.back().starts_with("zz_lockstep_") || helper.names.back().starts_with(" lockstep_") ||
                        helper.names.back().starts_with("~lockstep_"));
  return in_lockstep || trigger;
}

Name name_of(const Helper& helper) {
  return {helper.type, helper.names};
}

std::string as_json(const std::set<Name>& names) {
  Json list = Json::array();
  for (const auto& [type, path] : names)
    list.push_back(Json{{"type", type}, {"namespace", path[0]}, {"relation", path[1]}, {"name", path.back()}});
  return list.dump();
}

constexpr support::Sql kFunctions =
    "SELECT pg_describe_object('pg_proc'::regclass, p.oid, 0), pg_get_userbyid(p.proowner), 'DROP FUNCTION ' || "
    "p.oid::regprocedure FROM json_to_recordset($1) AS w (type text, namespace text, name text) JOIN pg_namespace n ON n.nspname "
    "= w.namespace "
    "JOIN pg_proc p ON p.pronamespace = n.oid AND p.proname = w.name WHERE w.type = 'function'";
constexpr support::Sql kTriggers =
    " UNION ALL SELECT pg_describe_object('pg_trigger'::regclass, g.oid, 0), pg_get_userbyid(c.relowner), "
    "format('DROP TRIGGER %I ON %I.%I', g.tgname, n.nspname, c.relname) "
    "FROM json_to_recordset($1) AS w (type text, namespace text, relation text, name text) JOIN pg_namespace n ON n.nspname = "
    "w.namespace JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.relation "
    "JOIN pg_trigger g ON g.tgrelid = c.oid AND g.tgname = w.name WHERE w.type = 'trigger'";

std::string existing_there(postgres::Session& session, const std::set<Name>& names) {
  if (names.empty()) return "";
  const auto rows = session.query(kFunctions + kTriggers + " ORDER BY 1", {as_json(names)});
  std::string text;
  for (std::size_t row = 0; row < rows.size(); ++row)
    text += "\n  " + support::visible(rows.text(row, 0)) + ", of role " + support::visible(rows.text(row, 1)) + ": " +
            support::visible(rows.text(row, 2));
  if (text.empty()) return "";
  return "its transitional objects have these names, and Lockstep didn't create the existing ones. The owner of such a "
         "function can put any code into it, which would run with your rights:" +
         text + "\nLook at it, and drop it or rename it.";
}

std::set<Name> made_by(const plan::Step& step) {
  std::set<Name> names;
  for (const Helper& helper : step.helpers)
    if (helper.change == Helper::Change::made && counts(helper)) names.insert(name_of(helper));
  return names;
}

}  // namespace

void require_free_names(postgres::Session& session, const plan::Plan& plan, const std::map<std::string, StepState>& states) {
  std::set<Name> wanted, taken;
  for (const plan::Step& step : plan.steps) {
    const auto state = states.find(step.id);
    if (state != states.end() && state->second.done) continue;
    for (const Helper& helper : step.helpers) {
      if (helper.change == Helper::Change::taken) {
        taken.insert(name_of(helper));
      } else if (counts(helper) && !taken.contains(name_of(helper))) {
        wanted.insert(name_of(helper));
      }
    }
  }
  const std::string text = existing_there(session, wanted);
  if (!text.empty())
    throw support::RefusedError("the plan can't be run on database \"" + plan.target.database + "\": " + text +
                                " Nothing was changed.");
}

std::string in_the_way(postgres::Session& session, const plan::Step& step) {
  return existing_there(session, made_by(step));
}

// The name of the CHECK of a detached partition is PostgreSQL's choice, and may be that of one that is there.
std::string there_before(postgres::Session& session, const plan::Step& step) {
  std::set<Name> made;
  for (const Helper& helper : step.helpers)
    if (helper.change == Helper::Change::made &&
        (helper.type != "table constraint" || helper.names.back().starts_with("lockstep_")))
      made.insert(name_of(helper));
  for (const Helper& helper : step.helpers)
    if (helper.change == Helper::Change::taken) made.erase(name_of(helper));
  // A recreated index has the name of the one that the step drops first.
  std::erase_if(made, [&](const Name& one) {
    return std::find(step.sql.begin(), step.sql.end(), "DROP INDEX " + support::qualified(one.second)) != step.sql.end();
  });
  if (made.empty()) return "";
  const auto rows = session.query(
      "SELECT w.type, n.nspname, c.relname, w.name FROM pg_catalog.json_to_recordset($1) AS w (type pg_catalog.text, namespace "
      "pg_catalog.text, relation pg_catalog.text, name pg_catalog.text) JOIN pg_catalog.pg_namespace n ON n.nspname = "
      "w.namespace "
      "JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.relation WHERE CASE w.type "
      "WHEN 'table column' THEN EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = w.name "
      "AND "
      "NOT a.attisdropped) "
      "WHEN 'table constraint' THEN EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.conname = "
      "w.name) "
      "WHEN 'trigger' THEN EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = w.name) "
      "WHEN 'function' THEN false ELSE true END ORDER BY 1, 2, 3, 4",
      {as_json(made)});
  std::string text;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const bool part = rows.text(row, 3) != rows.text(row, 2);
    text += "\n  " + support::visible(rows.text(row, 0) + " " + support::qualified(rows.text(row, 1), rows.text(row, 2)) +
                                      (part ? "." + support::quote_identifier(rows.text(row, 3)) : ""));
  }
  return text.empty() ? "" : "the step is to make what is there already, and would drop it when it is undone:" + text;
}

std::string not_own(postgres::Session& session, const plan::Step& step) {
  const std::set<Name> names = made_by(step);
  if (names.empty()) return "";
  const auto rows = session.query("SELECT f.function, f.owner, f.statement FROM (" + kFunctions +
                                      ") AS f (function, owner, statement) WHERE f.owner <> current_user ORDER BY 1",
                                  {as_json(names)});
  if (rows.empty()) return "";
  return support::visible(rows.text(0, 0)) + " belongs to " + support::visible(rows.text(0, 1)) +
         ", who has made it in the same moment and could put any code into it. Drop it: " + support::visible(rows.text(0, 2));
}

void require_own_helpers(postgres::Session& session, const std::string& run) {
  if (!session.query("SELECT to_regclass('lockstep.object') IS NOT NULL", {}).boolean(0, 0)) return;
  const auto rows = session.query(
      "SELECT pg_describe_object('pg_proc'::regclass, p.oid, 0), pg_get_userbyid(p.proowner) FROM lockstep.object o "
      "JOIN pg_proc p ON p.oid = o.object_oid WHERE o.run = $1 AND o.class_oid = 'pg_proc'::regclass AND p.proowner NOT IN (" +
          kTrustedRoles + ") ORDER BY 1",
      {run});
  if (rows.empty()) return;
  const std::string owner = support::visible(rows.text(0, 1));
  throw support::RefusedError(
      "run " + run.substr(0, 8) + " can't go on as this role: " + support::visible(rows.text(0, 0)) +
      ", which the run has made, belongs to " + owner +
      ", who can put any code into it, and it would run with your rights. Nothing was changed. Connect as " + owner +
      ", or give the run up with `lockstep resolve --abandon --reason TEXT`.");
}

}  // namespace lockstep::executor
