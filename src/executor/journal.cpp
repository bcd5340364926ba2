#include "executor/journal.h"

#include <nlohmann/json.hpp>

#include "executor/journal_schema.h"
#include "plan/plan_file.h"
#include "support/digest.h"
#include "support/error.h"

namespace lockstep::executor {

std::string event_hash(const std::string& previous, const Event& event) {
  // JSON as the framing, so that different lists of texts give different bytes.
  const Json content = {previous, event.id, event.run, event.at, event.kind, event.step, event.detail};
  return support::sha256(content.dump());
}

std::string run_digest(const std::vector<std::string>& columns) {
  return support::sha256(Json(columns).dump());
}

support::Sql iso_timestamp(const support::Sql& expression) {
  return "pg_catalog.to_char(" + expression + " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
}

bool journal_exists(postgres::Session& session) {
  return session.query("SELECT pg_catalog.to_regclass('lockstep.event') IS NOT NULL", {}).boolean(0, 0);
}

void Journal::install(const plan::Target& target) {
  const auto found = session_.query(
      "SELECT pg_catalog.to_regnamespace('lockstep') IS NOT NULL, pg_catalog.to_regclass('lockstep.identity') IS NOT NULL", {});
  if (!found.boolean(0, 0)) {
    for (const support::Sql& statement : kJournalSchema) session_.execute(statement);
    session_.query(
        "INSERT INTO lockstep.identity (id, format, created, system_identifier, database, database_oid) "
        "VALUES (pg_catalog.gen_random_uuid(), $1, pg_catalog.now(), $2, $3, $4)",
        {std::to_string(kJournalFormat), target.system_identifier, target.database, std::to_string(target.database_oid)});
    return;
  }
  if (!found.boolean(0, 1)) {
    throw support::CommandError(
        support::ExitCode::failed,
        "database \"" + target.database +
            "\" has a schema \"lockstep\" that is not Lockstep's journal: rename it; nothing was changed");
  }
  const std::int64_t format = session_.query("SELECT format FROM lockstep.identity", {}).integer(0, 0);
  if (format > kJournalFormat) {
    throw support::CommandError(support::ExitCode::failed,
                                "the journal of database \"" + target.database + "\" has format " + std::to_string(format) +
                                    ", written by a newer Lockstep; this one knows up to " + std::to_string(kJournalFormat) +
                                    ": use the newer one; nothing was changed");
  }
  upgrade();
}

void Journal::upgrade() {
  const std::int64_t format = session_.query("SELECT format FROM lockstep.identity", {}).integer(0, 0);
  if (format >= kJournalFormat) return;
  if (format < 2) {
    session_.execute("ALTER TABLE lockstep.event ALTER COLUMN run DROP NOT NULL");
    session_.execute("ALTER TABLE lockstep.applied ADD COLUMN content text NOT NULL DEFAULT '', DROP COLUMN fingerprint");
  }
  session_.execute(kObjectTable);
  // Roles that were granted access to the journal keep it.
  session_.execute(R"sql(DO $$DECLARE grantee text; BEGIN
FOR grantee IN SELECT DISTINCT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END
  FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) g
  WHERE c.oid = 'lockstep.event'::pg_catalog.regclass AND g.grantee <> c.relowner AND g.privilege_type = 'SELECT' LOOP
  EXECUTE 'GRANT SELECT ON lockstep.object TO ' || grantee; END LOOP;
FOR grantee IN SELECT DISTINCT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee))
  FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) g
  WHERE c.oid = 'lockstep.event'::pg_catalog.regclass AND g.grantee NOT IN (0, c.relowner) AND g.privilege_type = 'INSERT' LOOP
  EXECUTE 'GRANT SELECT, INSERT, DELETE ON lockstep.object TO ' || grantee; END LOOP;
END$$)sql");
  session_.query("UPDATE lockstep.identity SET format = $1", {std::to_string(kJournalFormat)});
}

void Journal::append(const std::string& run, std::string_view kind, const std::string& step, const Json& detail) {
  const auto last = session_.repeated("SELECT " + iso_timestamp("pg_catalog.clock_timestamp()") +
                                          ", (SELECT id FROM lockstep.event ORDER BY id DESC LIMIT 1), "
                                          "(SELECT hash FROM lockstep.event ORDER BY id DESC LIMIT 1)",
                                      {});
  const Event event{last.integer(0, 1) + 1, run, last.text(0, 0), std::string(kind), step, detail.dump()};
  const std::string previous = last.at(0, 2) ? last.text(0, 2) : std::string(kGenesis);
  session_.repeated("INSERT INTO lockstep.event (id, run, at, kind, step, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    {std::to_string(event.id), event.run.empty() ? std::nullopt : std::optional(event.run), event.at, event.kind,
                     event.step, event.detail, event_hash(previous, event)});
}

std::vector<Event> events(postgres::Session& session, const std::string& run) {
  std::vector<Event> list;
  if (!journal_exists(session)) return list;
  const auto rows = session.query("SELECT e.id, e.run, " + iso_timestamp("e.at") +
                                      ", e.kind, e.step, e.detail FROM lockstep.event e "
                                      "WHERE $1 = '' OR e.run::text = $1 ORDER BY e.id",
                                  {run});
  for (std::size_t row = 0; row < rows.size(); ++row) {
    list.push_back(
        {rows.integer(row, 0), rows.text(row, 1), rows.text(row, 2), rows.text(row, 3), rows.text(row, 4), rows.text(row, 5)});
  }
  return list;
}

void Journal::start_run(const std::string& run, const std::string& by, const plan::Plan& plan, const Json& detail) {
  const std::string text = plan::to_json(plan);
  const auto row = session_.query(
      "INSERT INTO lockstep.run (id, started, started_by, tool_version, plan_digest, desired_fingerprint, steps, plan) "
      "VALUES ($1, pg_catalog.now(), $2, $3, $4, $5, $6, $7) RETURNING " +
          iso_timestamp("started"),
      {run, by, plan.tool_version, plan::digest(plan), plan.desired_fingerprint, std::to_string(plan.steps.size()), text});
  Json started = detail;
  started["plan_sha256"] = support::sha256(text);  // through these two the hash chain covers the run's row
  started["run_sha256"] = run_digest({run, row.text(0, 0), by, plan.tool_version, plan::digest(plan), plan.desired_fingerprint,
                                      std::to_string(plan.steps.size())});
  append(run, "run_started", "", started);
}

std::map<std::string, StepState> Journal::step_states(const std::string& run) {
  std::map<std::string, StepState> states;
  const auto steps = session_.query(
      "SELECT step, pg_catalog.bool_or(kind IN ('executed', 'settled')), coalesce(pg_catalog.max(id) FILTER (WHERE kind = "
      "'intent') > "
      "coalesce(pg_catalog.max(id) FILTER (WHERE kind = 'undone'), 0), false) "
      "FROM lockstep.event WHERE run = $1 AND step <> '' GROUP BY step",
      {run});
  for (std::size_t row = 0; row < steps.size(); ++row) {
    states[steps.text(row, 0)].done = steps.boolean(row, 1);
    states[steps.text(row, 0)].intent = steps.boolean(row, 2);
  }
  const auto cursors = session_.query(
      "SELECT DISTINCT ON (step, detail ->> 'relation') step, detail ->> 'relation', detail ->> 'filenode', detail ->> 'next', "
      "detail ->> 'upper', detail ->> 'pass' FROM lockstep.event WHERE run = $1 AND kind = 'batch' "
      "ORDER BY step, detail ->> 'relation', id DESC",
      {run});
  for (std::size_t row = 0; row < cursors.size(); ++row) {
    states[cursors.text(row, 0)].cursors[cursors.text(row, 1)] = {
        cursors.integer(row, 2), cursors.integer(row, 3), cursors.integer(row, 4), static_cast<int>(cursors.integer(row, 5))};
  }
  return states;
}

}  // namespace lockstep::executor
