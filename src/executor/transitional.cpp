#include "executor/transitional.h"

#include <algorithm>
#include <map>
#include <set>

#include "executor/run_record.h"
#include "plan/plan_file.h"
#include "plan/undo.h"
#include "support/error.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::executor {

namespace {

using plan::Helper;

bool is_there(postgres::Session& session, const char* relation) {
  return session.query("SELECT pg_catalog.to_regclass($1) IS NOT NULL", {relation}).boolean(0, 0);
}

std::string array(const std::vector<std::string>& texts) {
  std::string text = "{";
  for (const std::string& one : texts) {
    text += text.size() > 1 ? ",\"" : "\"";
    for (const char c : one) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + "}";
}

// Whether the step creates it and doesn't drop it itself.
bool stays(const plan::Step& step, const Helper& made) {
  return std::none_of(step.helpers.begin(), step.helpers.end(), [&](const Helper& other) {
    return other.change == Helper::Change::taken && other.type == made.type && other.names == made.names;
  });
}

void remove(postgres::Session& session, const Helper& helper) {
  session.query("DELETE FROM lockstep.object WHERE type = $1 AND names = $2::pg_catalog.text[]",
                {helper.type, array(helper.names)});
}

// The object itself, and its copies that PostgreSQL created on descendants and partitions.
constexpr support::Sql kRecord = R"sql(
WITH RECURSIVE self AS (
  SELECT a.classid, a.objid, a.objsubid FROM pg_catalog.pg_get_object_address($3, CASE $3 WHEN 'type' THEN
    ARRAY[pg_catalog.format('%I.%I', ($4::pg_catalog.text[])[1], ($4::pg_catalog.text[])[2])] ELSE $4::pg_catalog.text[] END, '{}') a),
relation (oid) AS (
  SELECT coalesce(c.conrelid, s.objid) FROM self s
    LEFT JOIN pg_catalog.pg_constraint c ON s.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND c.oid = s.objid
  WHERE s.objsubid > 0 OR c.oid IS NOT NULL
  UNION
  SELECT i.inhrelid FROM relation r JOIN pg_catalog.pg_inherits i ON i.inhparent = r.oid),
copy (oid) AS (
  SELECT s.objid FROM self s WHERE s.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass
  UNION
  SELECT t.oid FROM copy c JOIN pg_catalog.pg_trigger t ON t.tgparentid = c.oid),
found AS (
  SELECT classid, objid, objsubid FROM self
  UNION
  SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, a.attrelid, a.attnum FROM self s, relation r
    JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attinhcount > 0 AND a.attname = ($4::pg_catalog.text[])[3]
  WHERE s.objsubid > 0
  UNION
  SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, c.oid, 0 FROM self s, relation r
    JOIN pg_catalog.pg_constraint c ON c.conrelid = r.oid AND c.coninhcount > 0 AND c.conname = ($4::pg_catalog.text[])[3]
  WHERE s.objsubid = 0
  UNION
  SELECT 'pg_catalog.pg_trigger'::pg_catalog.regclass, oid, 0 FROM copy)
INSERT INTO lockstep.object (run, step, role, type, names, subject, undo, final, class_oid, object_oid, attnum)
SELECT $1::pg_catalog.uuid, $2, $5, $3, $4::pg_catalog.text[], $6::pg_catalog.text[], $7, $8::pg_catalog.bool, classid, objid, objsubid
FROM found ON CONFLICT DO NOTHING)sql";

// PostgreSQL names the CHECK of a detached partition, and adds none where one of the table's own says the same.
bool was_not_needed(postgres::Session& session, const Helper& helper) {
  if (helper.type != "table constraint") return false;
  return session
      .query(
          "SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conname = $1 AND k.conrelid = "
          "pg_catalog.to_regclass($2)::pg_catalog.oid)",
          {helper.names.back(), support::qualified(helper.names[0], helper.names[1])})
      .boolean(0, 0);
}

postgres::Parameters parameters(const std::string& run, const plan::Step& step, const Helper& helper) {
  return {run,         step.id,
          helper.type, array(helper.names),
          helper.role, array(helper.subject),
          helper.undo, stays(step, helper) ? "false" : "true"};
}

}  // namespace

void announce_helpers(postgres::Session& session, const std::string& run, const plan::Step& step) {
  for (const Helper& helper : step.helpers) {
    if (helper.change != Helper::Change::made) continue;
    session.query(
        "INSERT INTO lockstep.object (run, step, role, type, names, subject, undo, final, class_oid, object_oid, attnum) "
        "VALUES ($1, $2, $5, $3, $4, $6, $7, $8, 0, 0, 0) ON CONFLICT DO NOTHING",
        parameters(run, step, helper));
  }
}

void record_helpers(postgres::Session& session, const std::string& run, const plan::Step& step) {
  if (step.helpers.empty()) return;
  for (const Helper& helper : step.helpers) {
    if (helper.change == Helper::Change::made) {
      remove(session, helper);  // removes its announcement, or the row of an earlier object of that name
      if (stays(step, helper) && !was_not_needed(session, helper)) session.query(kRecord, parameters(run, step, helper));
    } else {
      remove(session, helper);
    }
  }
}

namespace {

// Others may be able to write to schema lockstep, so nothing stored there is run as SQL.
std::string undo_of(const Transitional& one, bool partitioned) {
  const auto statement = plan::undo_statement({.type = one.type, .names = one.names, .subject = one.subject}, partitioned);
  if (statement) return *statement;
  throw support::RefusedError("table lockstep.object has a row that Lockstep didn't write: " + support::visible(one.type) + " " +
                              support::visible(support::qualified(one.names)) + ", of run " +
                              support::visible(one.run.substr(0, 8)) +
                              ".\nNothing was changed. Look at it; if the object is yours, delete the row.");
}

}  // namespace

std::vector<Transitional> transitional_objects(postgres::Session& session) {
  std::vector<Transitional> list;
  if (!is_there(session, "lockstep.object")) return list;
  const auto rows = session.query(R"sql(
SELECT o.run, o.step, o.role, o.type, o.names, o.subject, i.relkind IS NOT DISTINCT FROM 'I', o.class_oid, o.object_oid, o.attnum,
  CASE WHEN o.object_oid = 0 THEN x.indexrelid IS NOT NULL AND o.type = 'index' OR k.oid IS NOT NULL ELSE now.object_names IS NOT NULL AND now.type = o.type
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = o.object_oid AND a.attnum = o.attnum AND a.attisdropped) END,
  CASE WHEN there.names IS DISTINCT FROM o.names THEN there.names END
FROM lockstep.object o
LEFT JOIN LATERAL pg_catalog.pg_identify_object_as_address(CASE o.class_oid WHEN 0 THEN
  'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid ELSE o.class_oid END, o.object_oid, o.attnum) now ON o.object_oid <> 0
LEFT JOIN LATERAL (SELECT CASE now.type WHEN 'type' THEN pg_catalog.parse_ident(now.object_names[1]) ELSE now.object_names END) there (names)
  ON true
LEFT JOIN pg_catalog.pg_namespace n ON o.object_oid = 0 AND n.nspname = o.names[1]
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = o.names[2]
LEFT JOIN pg_catalog.pg_index x ON x.indexrelid = c.oid AND NOT (o.final AND x.indisvalid)
LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.conname = o.names[3] AND o.type = 'table constraint'
  AND o.object_oid = 0 AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = k.conrelid
    AND (pg_catalog.to_jsonb(h) ->> 'inhdetachpending')::pg_catalog.bool)
LEFT JOIN pg_catalog.pg_class i ON i.oid = coalesce(x.indexrelid,
  CASE o.class_oid WHEN 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid THEN o.object_oid END)
ORDER BY o.id)sql",
                                  {});
  for (std::size_t row = 0; row < rows.size(); ++row) {
    Transitional one;
    one.run = rows.text(row, 0);
    one.step = rows.text(row, 1);
    one.role = rows.text(row, 2);
    one.type = rows.text(row, 3);
    one.names = postgres::parse_array(rows.text(row, 4));
    one.subject = postgres::parse_array(rows.text(row, 5));
    one.class_oid = rows.integer(row, 7);
    one.object_oid = rows.integer(row, 8);
    one.attnum = static_cast<int>(rows.integer(row, 9));
    one.there = rows.boolean(row, 10);
    if (rows.at(row, 11)) one.named = postgres::parse_array(rows.text(row, 11));
    if (one.there) one.undo = undo_of(one, rows.boolean(row, 6));
    list.push_back(std::move(one));
  }
  return list;
}

bool any_recorded(postgres::Session& session) {
  return is_there(session, "lockstep.object") && session.query("SELECT EXISTS (SELECT FROM lockstep.object)", {}).boolean(0, 0);
}

namespace {

plan::Plan plan_of(postgres::Session& session, const std::string& run) {
  const auto rows = session.query("SELECT r.plan FROM lockstep.run r WHERE r.id = $1", {run});
  return rows.empty() ? plan::Plan() : plan::from_json(rows.text(0, 0));
}

// What is about to be dropped or renamed is what a step of its run was to make. The plan is in the journal's hash chain, and
// these rows are not.
void require_planned(postgres::Session& session, const std::vector<Transitional>& list) {
  std::map<std::string, plan::Plan> plans;
  for (const Transitional& one : list) {
    if (!plans.contains(one.run)) plans[one.run] = plan_of(session, one.run);
    const auto makes = [&](const Helper& helper) {
      return helper.change == Helper::Change::made && helper.type == one.type && helper.names == one.names &&
             helper.subject == one.subject;
    };
    const auto& steps = plans[one.run].steps;
    const bool planned = std::any_of(steps.begin(), steps.end(), [&](const plan::Step& step) {
      return step.id == one.step && std::any_of(step.helpers.begin(), step.helpers.end(), makes);
    });
    if (planned) continue;
    throw support::CommandError(support::ExitCode::mismatch,
                                "table lockstep.object was edited: step " + support::visible(one.step) + " of run " +
                                    support::visible(one.run.substr(0, 8)) + " was not to make " + support::visible(one.type) +
                                    " " + support::visible(support::qualified(one.names)) + " for " +
                                    support::visible(support::qualified(one.subject)) +
                                    ".\nNothing was changed. Look at the row; if the object is yours, delete the row.");
  }
}

}  // namespace

std::vector<Transitional> left_behind(postgres::Session& session, const std::string& closing) {
  std::vector<Transitional> list = transitional_objects(session);
  if (list.empty()) return list;
  std::set<std::string> at_work;
  for (const RunRecord& open : open_runs(session)) at_work.insert(open.id);
  for (const RunRecord& held : held_runs(session)) at_work.insert(held.id);
  at_work.erase(closing);
  std::erase_if(list, [&](const Transitional& one) { return !one.there || at_work.contains(one.run); });
  require_planned(session, list);
  return list;
}

std::size_t forget_gone(postgres::Session& session) {
  std::size_t count = 0;
  for (const Transitional& one : transitional_objects(session)) {
    if (one.there) continue;
    session.query(
        "DELETE FROM lockstep.object WHERE type = $1 AND names = $2::pg_catalog.text[] AND object_oid = $3::pg_catalog.oid",
        {one.type, array(one.names), std::to_string(one.object_oid)});
    ++count;
  }
  return count;
}

}  // namespace lockstep::executor
