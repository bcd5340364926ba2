#include "executor/run_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "executor/applied.h"
#include "executor/identity.h"
#include "executor/journal.h"
#include "executor/saved_files.h"
#include "plan/phase_name.h"
#include "plan/plan_file.h"
#include "support/digest.h"
#include "support/error.h"
#include "support/lines.h"
#include "support/visible.h"

namespace lockstep::executor {

namespace {

// A run's state is that of its last event of these kinds.
std::string state_of(const std::string& kind) {
  if (kind == "run_done") return "done";
  if (kind == "superseded") return "superseded";
  if (kind == "gate") return "at the gate";
  if (kind == "held") return "held";
  return kind == "failed" || kind == "interrupted" ? "failed" : "running";
}

plan::Phase phase_of(const std::string& name) {
  return plan::phase_named(name).value_or(plan::Phase::contract);
}

// An intent counts as a change only outside a transaction: a transactional step without its `executed` was rolled back.
// `only`: a condition over lockstep.run r; empty: all.
support::Sql runs_query(const support::Sql& only = "") {
  return "SELECT r.id, last.kind, " + iso_timestamp("r.started") +
         ", CASE WHEN last.kind IN ('run_started', 'resumed', 'gate') THEN '' ELSE " + iso_timestamp("last.at") +
         " END, r.started_by, r.plan_digest, r.desired_fingerprint, r.plan, r.steps, "
         "(SELECT pg_catalog.count(DISTINCT e.step) FROM lockstep.event e WHERE e.run = r.id AND e.kind IN ('executed', "
         "'settled')), "
         "(SELECT e.detail ->> 'message' FROM lockstep.event e WHERE e.run = r.id AND e.kind IN ('failed', 'interrupted') "
         "ORDER BY e.id DESC LIMIT 1), "
         "EXISTS (SELECT FROM lockstep.event e WHERE e.run = r.id AND (e.kind IN ('executed', 'settled', 'batch') "
         "OR (e.kind = 'intent' AND e.detail ->> 'mode' = 'outside'))), "
         "coalesce((SELECT e.detail ->> 'role' FROM lockstep.event e WHERE e.run = r.id AND e.kind = 'run_started' LIMIT 1), "
         "''), "
         "EXISTS (SELECT FROM lockstep.event e WHERE e.run = r.id AND e.kind = 'rolled_back'), "
         "CASE last.kind WHEN 'gate' THEN " +
         iso_timestamp("last.at") +
         " ELSE '' END, coalesce(last.detail ->> 'next', ''), coalesce((SELECT e.detail ->> 'until' FROM lockstep.event e WHERE "
         "e.run = r.id AND e.kind IN ('run_started', 'resumed') ORDER BY e.id DESC LIMIT 1), ''), coalesce(held.until, ''), "
         "coalesce(pg_catalog.now() OPERATOR(pg_catalog.>=) held.until::pg_catalog.timestamptz, false), "
         "EXISTS (SELECT FROM lockstep.event e WHERE e.run = r.id AND e.kind = 'gate'), "
         "EXISTS (SELECT FROM lockstep.event e WHERE e.run = r.id AND e.kind = 'verified'), "
         "coalesce((SELECT e.detail ->> 'provenance' FROM lockstep.event e WHERE e.run = r.id AND e.kind = 'run_started' LIMIT "
         "1), 'null') "
         "FROM lockstep.run r CROSS JOIN LATERAL (SELECT e.id, e.kind, e.at, e.detail FROM lockstep.event e WHERE e.run = r.id "
         "AND e.kind "
         "IN "
         "('run_started', 'resumed', 'gate', 'held', 'failed', 'interrupted', 'run_done', 'superseded') ORDER BY e.id DESC LIMIT "
         "1) last "
         "LEFT JOIN LATERAL (SELECT e.detail ->> 'until' AS until FROM lockstep.event e WHERE e.run = r.id AND e.kind = 'held' "
         "ORDER BY e.id DESC LIMIT 1) held ON last.kind NOT IN ('run_done', 'superseded') " +
         only +
         " "
         "ORDER BY (SELECT pg_catalog.min(e.id) FROM lockstep.event e WHERE e.run = r.id) DESC";
}

std::vector<RunRecord> read_runs(postgres::Session& session, const support::Sql& query) {
  std::vector<RunRecord> list;
  if (!journal_exists(session)) return list;
  const auto rows = session.query(query, {});
  for (std::size_t row = 0; row < rows.size(); ++row) {
    RunRecord run;
    run.id = rows.text(row, 0);
    run.state = state_of(rows.text(row, 1));
    run.started = rows.text(row, 2);
    run.finished = rows.text(row, 3);
    run.by = support::visible(rows.text(row, 4));
    run.plan_digest = rows.text(row, 5);
    run.desired_fingerprint = rows.text(row, 6);
    run.plan_json = rows.text(row, 7);
    run.steps = static_cast<std::size_t>(rows.integer(row, 8));
    run.settled = static_cast<std::size_t>(rows.integer(row, 9));
    run.last_error =
        rows.text(row, 1) == "failed" || rows.text(row, 1) == "interrupted" ? support::continued(rows.text(row, 10)) : "";
    run.changed = rows.boolean(row, 11);
    run.role = support::visible(rows.text(row, 12));
    run.waits_since = rows.text(row, 14);
    run.next = phase_of(rows.text(row, 15));
    run.until = phase_of(rows.text(row, 16));
    run.held_until = rows.text(row, 17);
    run.hold_over = rows.boolean(row, 18);
    run.gated = rows.boolean(row, 19);
    run.verified = rows.boolean(row, 20);
    run.provenance = provenance_from(Json::parse(rows.text(row, 21)));
    if (!run.held_until.empty()) run.state = "held";  // also where a purge was cut off
    if (rows.boolean(row, 13)) {
      run.state = "rolled back";
      run.waits_since.clear();
      run.held_until.clear();
    }
    list.push_back(std::move(run));
  }
  return list;
}

// The triggers that keep the journal append-only, if one is missing or disabled. Nothing need have been changed, but it was
// possible.
std::string unprotected(postgres::Session& session) {
  const auto off = session.query(
      "SELECT t.name FROM pg_catalog.unnest(ARRAY['run', 'event', 'backup']) AS t (name) WHERE NOT EXISTS (SELECT FROM "
      "pg_catalog.pg_trigger g WHERE g.tgrelid = pg_catalog.to_regclass('lockstep.' OPERATOR(pg_catalog.||) t.name) AND g.tgname "
      "= "
      "'append_only' AND g.tgenabled = 'A') ORDER BY 1",
      {});
  if (off.empty()) return "";
  const std::string table = "lockstep." + off.text(0, 0);
  return "the journal is not protected: trigger append_only of " + table +
         " is missing or off, so its rows could be changed. When "
         "you know why: ALTER TABLE " +
         table + " ENABLE ALWAYS TRIGGER append_only";
}

}  // namespace

std::vector<RunRecord> runs(postgres::Session& session) {
  return read_runs(session, runs_query());
}

std::vector<RunRecord> held_runs(postgres::Session& session) {
  // Of most databases none: the plans of all other runs aren't read.
  auto list =
      read_runs(session, runs_query("WHERE EXISTS (SELECT FROM lockstep.event h WHERE h.run = r.id AND h.kind = 'held')"));
  std::erase_if(list, [](const RunRecord& run) { return !run.held(); });
  return list;
}

std::vector<RunRecord> open_runs(postgres::Session& session) {
  // A run that doesn't wait at the gate is open only if it is the newest: a new one supersedes it. The plans of the others
  // aren't read.
  auto list = read_runs(
      session,
      runs_query("WHERE (r.id OPERATOR(pg_catalog.=) (SELECT e.run FROM lockstep.event e WHERE e.kind = 'run_started' ORDER BY "
                 "e.id DESC LIMIT 1) "
                 "OR EXISTS (SELECT FROM lockstep.event g WHERE g.run = r.id AND g.kind = 'gate')) AND NOT EXISTS (SELECT FROM "
                 "lockstep.event e WHERE e.run = r.id AND e.kind IN ('run_done', 'superseded', 'rolled_back'))"));
  std::erase_if(list, [](const RunRecord& run) { return !run.open(); });
  std::stable_partition(list.begin(), list.end(), [](const RunRecord& run) { return !run.waits(); });
  return list;
}

std::optional<RunRecord> open_run(postgres::Session& session) {
  auto open = open_runs(session);
  return open.empty() ? std::nullopt : std::optional(std::move(open.front()));
}

std::optional<RunRecord> open_run(postgres::Session& session, const std::string& named) {
  const auto open = open_runs(session);
  if (open.empty() && named.empty()) return std::nullopt;
  if (named.empty() && open.size() > 1 && open.front().waits()) {
    std::string list;
    for (const RunRecord& run : open) list += "\n  " + run.id + " by " + run.who() + ", started " + run.started;
    throw support::UsageError(
        "several runs wait at their gates on this database: name the one that is meant (`--run RUN`, or `rollback RUN`). Nothing "
        "was changed" +
        list);
  }
  const auto meant = std::find_if(open.begin(), open.end(), [&](const RunRecord& run) { return run.id.starts_with(named); });
  if (meant == open.end())
    throw support::UsageError("no open run \"" + support::visible(named) +
                              "\" on this database (`lockstep status` names them). Nothing was changed");
  return *meant;
}

std::optional<RunRecord> unrecorded_run(postgres::Session& session) {
  const auto newest = read_runs(session, runs_query() + " LIMIT 1");
  if (newest.empty() || (newest.front().state != "done" && !newest.front().held())) return std::nullopt;
  const auto told = session.query(
      "SELECT FROM lockstep.event WHERE run = $1 AND kind IN ('verified', 'unrecorded') AND NOT EXISTS (SELECT FROM "
      "lockstep.event d "
      "WHERE d.kind = 'rolled_back' AND d.detail ->> 'by' = $1::pg_catalog.text AND d.detail ->> 'values' = 'due' AND NOT EXISTS "
      "(SELECT FROM lockstep.event t WHERE t.run::pg_catalog.text = d.detail ->> 'by' AND t.kind = 'returned')) LIMIT 1",
      {newest.front().id});
  return told.empty() ? std::optional(newest.front()) : std::nullopt;
}

void note_unrecorded(postgres::Session& session, const std::string& run, const std::string& reason) {
  Journal(session).append(run, "unrecorded", "", Json{{"reason", reason}});
}

std::vector<plan::Hazard> consented_hazards(postgres::Session& session, const std::string& run) {
  std::vector<plan::Hazard> list;
  for (const Event& event : events(session, run)) {
    if (event.kind != "run_started") continue;
    const Json detail = Json::parse(event.detail);
    for (const Json& one : detail.value("consented", Json::array()))
      list.push_back({one.value("kind", ""), one.value("object", ""), "", one.value("step", "")});
  }
  return list;
}

bool hook_noted(postgres::Session& session, const std::string& run, const std::string& name) {
  return session
      .query("SELECT EXISTS (SELECT FROM lockstep.event WHERE run = $1 AND kind = 'hook' AND detail ->> 'name' = $2)",
             {run, name})
      .boolean(0, 0);
}

void note_hook(postgres::Session& session, const std::string& run, const std::string& name) {
  Journal(session).append(run, "hook", "", Json{{"name", name}});
}

std::string progress_of(postgres::Session& session, const std::string& run) {
  std::string last, done;
  bool known = false;
  for (const RunRecord& one : runs(session)) {  // the newest first
    if (one.changed && last.empty()) last = one.id;
    known = known || one.id == run;
  }
  if (!known) return {};
  for (const auto& [step, state] : Journal(session).step_states(run)) {
    done += " " + step + (state.done ? " done" : state.intent ? " begun" : "");
    for (const auto& [relation, cursor] : state.cursors)
      done += " " + std::to_string(cursor.pass) + "/" + std::to_string(cursor.next);
  }
  return support::sha256(run + "\n" + last + "\n" + done);
}

void note_rolled_back(postgres::Session& session, const std::string& run, const std::string& by, bool values_due) {
  Json detail{{"by", by}};
  if (values_due) detail["values"] = "due";
  Journal(session).append(run, "rolled_back", "", detail);
}

void note_returned(postgres::Session& session, const std::string& way_back) {
  Journal(session).append(way_back, "returned", "", Json::object());
}

std::string verify_journal(postgres::Session& session) {
  if (!journal_exists(session)) return "";
  const auto rows = session.query("SELECT e.id, e.run, " + iso_timestamp("e.at") +
                                      ", e.kind, e.step, e.detail, e.hash, CASE WHEN e.kind = 'run_started' THEN r.plan END, "
                                      "r.id, " +
                                      iso_timestamp("r.started") +
                                      ", r.started_by, r.tool_version, r.plan_digest, r.desired_fingerprint, r.steps "
                                      "FROM lockstep.event e LEFT JOIN lockstep.run r ON r.id = e.run ORDER BY e.id",
                                  {});
  std::string previous(kGenesis), applied_digest, known_as;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const Event event{rows.integer(row, 0), rows.text(row, 1), rows.text(row, 2),
                      rows.text(row, 3),    rows.text(row, 4), rows.text(row, 5)};
    const std::string name = "event " + std::to_string(event.id) + " (" + event.kind +
                             (event.step.empty() ? "" : " " + event.step) + ", " + event.at + ")";
    const std::int64_t expected = static_cast<std::int64_t>(row) + 1;
    if (event.id != expected) return "the journal was changed: event " + std::to_string(expected) + " is missing before " + name;
    if (event_hash(previous, event) != rows.text(row, 6)) return "the journal was changed: " + name + " doesn't fit its hash";
    if (event.kind == "run_started") {
      const Json detail = Json::parse(event.detail);
      if (detail.value("plan_sha256", "") != support::sha256(rows.text(row, 7))) {
        return "the journal was changed: the plan of run " + event.run + " is not the one that was started";
      }
      std::vector<std::string> columns;
      for (std::size_t column = 8; column < 15; ++column) columns.push_back(rows.text(row, column));
      const std::string recorded = detail.value("run_sha256", "");  // absent in older versions
      if (!recorded.empty() && recorded != run_digest(columns))
        return "the journal was changed: the row of run " + event.run + " is not the one that was written when it started";
    }
    if (event.kind == "verified") applied_digest = Json::parse(event.detail).value("objects_sha256", "");
    if (event.kind == "identity") known_as = Json::parse(event.detail).value("id", "");
    previous = rows.text(row, 6);
  }
  const auto applied = applied_state(session);
  if (!applied_digest.empty() && applied && objects_digest(applied->objects) != applied_digest)
    return "the journal was changed: lockstep.applied is not what run " + applied->run + " recorded";
  const auto here = identity(session);
  if (!known_as.empty() && (!here || here->id != known_as))
    return "the journal was changed: lockstep.identity is not what was recorded last";
  if (const std::string problem = record_problem(session); !problem.empty()) return "the journal was changed: " + problem;
  const auto orphans =
      session.query("SELECT r.id FROM lockstep.run r WHERE NOT EXISTS (SELECT FROM lockstep.event e WHERE e.run = r.id)", {});
  if (!orphans.empty()) return "the journal was changed: run " + orphans.text(0, 0) + " has no events";
  return unprotected(session);
}

void require_intact_journal(postgres::Session& session, const RunRecord& run) {
  const std::string broken = verify_journal(session);
  if (broken.empty()) return;
  throw support::CommandError(
      support::ExitCode::mismatch,
      broken + "\nRun " + run.id.substr(0, 8) + " is open (" + std::to_string(run.settled) + " of " + std::to_string(run.steps) +
          " steps are done), and nothing was changed by this command. Find out who changed schema lockstep and why "
          "(`lockstep history " +
          run.id.substr(0, 8) +
          "` shows what is there). Give the run up with `lockstep resolve --abandon "
          "--reason …` and plan again from what is there; or put the journal back as it was, and resume.");
}

void resolve_step(postgres::Session& session, const RunRecord& run, const std::string& step, bool applied) {
  const plan::Plan plan = plan::from_json(run.plan_json);
  const bool known =
      std::any_of(plan.steps.begin(), plan.steps.end(), [&step](const plan::Step& each) { return each.id == step; });
  if (!known) throw support::UsageError("run " + run.id + " has no step \"" + step + "\"");
  Journal journal(session);
  const auto states = journal.step_states(run.id);
  const auto state = states.find(step);
  if (state != states.end() && state->second.done) {
    throw support::UsageError("step " + step + " of run " + run.id + " is done already: nothing to resolve");
  }
  journal.append(run.id, applied ? "settled" : "undone", step, Json{{"resolved", "by hand"}});
}

void abandon_run(postgres::Session& session, const RunRecord& run, const std::string& reason) {
  Journal(session).append(run.id, "superseded", "", Json{{"reason", reason}});
}

}  // namespace lockstep::executor
