#include "executor/executor.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "executor/asked_ahead.h"
#include "executor/at_stake.h"
#include "executor/contract_begins.h"
#include "executor/crash_point.h"
#include "executor/data_check.h"
#include "executor/expectation.h"
#include "executor/grown.h"
#include "executor/interrupt.h"
#include "executor/own_helpers.h"
#include "executor/preflight.h"
#include "executor/readiness.h"
#include "executor/run.h"
#include "executor/saved_values.h"
#include "executor/shared_output.h"
#include "executor/sound_journal.h"
#include "plan/phase_name.h"
#include "plan/plan_file.h"
#include "support/digest.h"
#include "support/lines.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::executor {

namespace {

using std::chrono::milliseconds;
using support::CommandError;
using support::DatabaseError;
using support::ExitCode;

// Checks the properties of a plan that the executor relies on.
void require_well_formed(const plan::Plan& plan) {
  std::set<std::string> ids;
  for (const plan::Step& step : plan.steps) {
    if (step.phase == plan::Phase::purge && plan.hold <= 0)
      throw support::InternalError("step " + step.id + " is of phase purge, and the plan has no hold");
    if (step.id.empty() || !ids.insert(step.id).second) throw support::InternalError("two steps are called \"" + step.id + "\"");
    if (step.mode == plan::TransactionMode::inside) continue;
    if (!step.losses.empty()) throw support::InternalError("step " + step.id + " loses data outside a transaction");
    const std::size_t statements = step.mode == plan::TransactionMode::outside ? 1 : 0;
    if (step.sql.size() != statements) throw support::InternalError("step " + step.id + " has a wrong number of statements");
  }
}

void require_privileges(postgres::Session& session, const plan::Plan& plan) {
  const auto missing = missing_privileges(session, plan);
  if (missing.empty()) return;
  throw CommandError(ExitCode::failed, "the user of this connection lacks rights on database \"" + plan.target.database +
                                           "\"; nothing was changed:" + support::listed(missing));
}

void require_no_obstacles(postgres::Session& session, const plan::Plan& plan, const Settings& settings,
                          const std::map<std::string, StepState>& states = {}) {
  std::set<std::string> done;
  for (const auto& [step, state] : states)
    if (state.done) done.insert(step);
  const auto found = obstacles(session, plan, done, settings.backup ? settings.backup_folder : "");
  if (found.empty()) return;
  throw CommandError(ExitCode::failed, "the plan could not be finished on database \"" + plan.target.database +
                                           "\", so it was not begun; nothing was changed" +
                                           (states.empty() ? "" : " by this command") + ":" + support::listed(found));
}

std::string listed(const std::vector<Violation>& violations) {
  std::string text;
  for (const Violation& violation : violations) text += "\n  " + support::visible(to_string(violation));
  return text;
}

void require_data(postgres::Session& session, const plan::Plan& plan) {
  std::vector<Violation> all;
  std::optional<CommandError> unasked;  // perhaps because of a row that another question names
  const auto own = postgres::remembered_text_settings(plan.read_set);
  for (const plan::Step& step : plan.steps) {
    try {
      for (Violation& violation : ask(session, step, own, true)) all.push_back(std::move(violation));
    } catch (const DatabaseError& error) {
      CommandError told = could_not_ask(plan.target.database, step, error);
      if (!is_about_a_value(error)) throw told;
      if (!unasked) unasked = std::move(told);
    }
  }
  if (!plan.undoes.empty()) {
    for (Violation& violation : ask_ahead(session, plan, own)) all.push_back(std::move(violation));
  }
  if (all.empty() && unasked) throw *unasked;
  if (all.empty()) return;
  throw CommandError(ExitCode::failed, "the data of database \"" + plan.target.database +
                                           "\" breaks what the schema demands; nothing was changed:" + listed(all) +
                                           "\nCorrect these rows, then run the same command again.");
}

void require_unmoved(postgres::Session& session, const plan::Plan& plan) {
  const auto moved = moved_before(session, plan);
  if (moved.empty()) return;
  throw CommandError(ExitCode::stale, "stale plan: database \"" + plan.target.database +
                                          "\" has changed since the plan was made:" + support::listed(moved) +
                                          "\nNothing was changed. Plan again.");
}

}  // namespace

void require_rest_unmoved(postgres::Session& session, const RunRecord& record) {
  const plan::Plan plan = plan::from_json(record.plan_json);
  const auto states = Journal(session).step_states(record.id);
  const auto moved = moved_of_rest(session, plan, states);
  if (moved.empty()) return;
  const auto done = std::count_if(states.begin(), states.end(), [](const auto& entry) { return entry.second.done; });
  throw CommandError(
      record.changed && !record.waits() ? ExitCode::partial : ExitCode::stale,
      "stale plan: database \"" + plan.target.database + "\" has changed, and the steps that are left don't fit it any more:" +
          support::listed(moved) + "\nNothing was changed by this command. " + std::to_string(done) + " of " +
          std::to_string(plan.steps.size()) + " steps are done and journalled (run " + record.id.substr(0, 8) +
          "). Undo that change and run the same command again to resume; or give the run up with `lockstep resolve "
          "--abandon --reason …` and plan again from what is there.");
}

namespace {

void check_before_step(Run& run, const plan::Step& step) {
  if (step.checks.empty()) return;
  const Watch::Scope scope(*run.watch, step);
  try {
    const auto violations = ask(run.session(), step, run.own, false);
    if (violations.empty()) return;
    std::vector<Violation> without_keys = violations;
    for (Violation& violation : without_keys) violation.sample.clear();
    const std::string what = "the data breaks what the schema demands:";
    stop(run, step, what + listed(violations), "The step has not begun.", "", what + listed(without_keys));
  } catch (const DatabaseError& error) {
    if (error.sqlstate() == "57014") stop_if_interrupted(run, step, "The step has not begun.");
    stop(run, step, error, "The step has not begun.");
  }
}

void announce(Run& run, const plan::Step& step) {
  run.session().query("SELECT pg_catalog.set_config('application_name', $1, false)", {run.application(step.id)});
  crash_point(step.id, "before-journal");
  run.journal.append(run.id, "intent", step.id, Json{{"mode", std::string(to_string(step.mode))}, {"title", step.title}});
  crash_point(step.id, "after-intent");
}

void run_step(Run& run, const plan::Step& step, std::size_t position) {
  stop_if_interrupted(run, step, "The step has not begun.");
  const auto begun = run.use.clock.now();
  run.output.step_started(step, position);
  try {
    check_before_step(run, step);
    announce(run, step);
    switch (step.mode) {
      case plan::TransactionMode::inside:
        run_inside(run, step);
        break;
      case plan::TransactionMode::outside:
        run_outside(run, step);
        break;
      case plan::TransactionMode::batches:
        run_batches(run, step);
        break;
    }
  } catch (const DatabaseError& error) {  // outside the step's own statements: journal or settings
    stop(run, step, error, "The step's journal could not be written.");
  }
  run.states[step.id].done = true;
  const auto took = std::chrono::duration_cast<milliseconds>(run.use.clock.now() - begun);
  if (step.mode == plan::TransactionMode::batches) run.backfill_time += took;
  run.output.step_done(step, position, took);
}

void prepare(Run& run) {
  run.random = system_random();
  const auto setting = run.session().query("SELECT setting FROM pg_catalog.pg_settings WHERE name = 'deadlock_timeout'", {});
  run.deadlock_timeout = milliseconds(setting.integer(0, 0));
  run.watch.emplace(run.use, run.output, run.application("watch"));
}

// Reports the phase if the plan has steps of it and all of them are done.
void report_phase(Run& run, plan::Phase phase) {
  bool any = false;
  for (const plan::Step& step : run.plan.steps) {
    if (step.phase != phase) continue;
    if (!run.states[step.id].done) return;
    any = true;
  }
  if (any) run.output.phase_over(phase);
}

// Ends the attempt by an event of the run. `what`: what could not be journalled if that fails.
Report finish(Run& run, std::string_view kind, const Json& detail, const std::string& what) {
  try {
    run.journal.append(run.id, kind, "", detail);
    run.session().query("SELECT pg_catalog.set_config('application_name', $1, false)", {run.settings.application});
  } catch (const DatabaseError& error) {
    throw CommandError(interrupts() > 0 ? interrupt_code() : ExitCode::partial,
                       what + " run " + run.short_id() + " on database \"" + run.plan.target.database +
                           "\" could not be journalled: " + error.what() + "\nRun the same command again.");
  }
  Report report{run.id, run.steps_done(), run.rows_backfilled, run.backfill_time, {}, {}, {}, {}};
  if (run.backup) report.backups.push_back(run.backup->folder());
  return report;
}

// From now on, by the server's clock. A purge that was cut off leaves the hold as it was.
Report hold(Run& run) {
  const auto until = run.session().query(
      "SELECT " + iso_timestamp("(pg_catalog.now() OPERATOR(pg_catalog.+) pg_catalog.make_interval(secs => $1))"),
      {std::to_string(run.plan.hold)});
  crash_point("hold", "before-journal");
  Report report =
      finish(run, "held", Json{{"until", until.text(0, 0)}}, "all steps before phase purge are done, but the hold of");
  crash_point("hold", "after-commit");
  report.held_until = until.text(0, 0);
  return report;
}

// `record`: how it is here, to be found so when contract begins.
Report wait_at_gate(Run& run, plan::Phase next, bool record = true) {
  if (next == plan::Phase::purge) return hold(run);
  crash_point("gate", "before-journal");
  Json detail{{"next", std::string(to_string(next))}};
  if (record) note_at_stake(detail, at_stake(run.session(), run.plan, run.states));
  Report report =
      finish(run, "gate", detail, "all steps before phase " + std::string(to_string(next)) + " are done, but the gate of");
  crash_point("gate", "after-commit");
  report.waits_before = next;
  return report;
}

// Before `step`: nullopt if it may run now.
std::optional<Report> ends_before(Run& run, const plan::Step& step) {
  try {
    if (step.phase > run.settings.until) return wait_at_gate(run, step.phase);
    if (!begins_contract(run, step)) return std::nullopt;
    if (const auto moved = moved_by_others(run); !moved.empty()) {
      wait_at_gate(run, step.phase, false);
      refuse_moved(run, moved);
    }
    const std::string why = run.settings.keeps_from_contract ? run.settings.keeps_from_contract(run.id) : "";
    if (why.empty()) return std::nullopt;
    Report report = wait_at_gate(run, step.phase);
    report.refused = why;
    return report;
  } catch (const DatabaseError& error) {
    stop(run, step, error, "The step has not begun.");
  }
}

// Runs the steps that are not done yet, up to the gate, then ends the attempt.
Report go_on(Run& run) {
  const support::DeferInterrupts deferred;
  support::at_interrupt(
      "It ended at once: what was done is committed and journalled, a statement that was running is rolled back by the server. "
      "Run the same command again to go on.");
  prepare(run);
  for (const plan::Phase phase : plan::kPhases) report_phase(run, phase);
  for (std::size_t position = 0; position < run.plan.steps.size(); ++position) {
    const plan::Step& step = run.plan.steps[position];
    if (run.states[step.id].done) continue;
    if (auto report = ends_before(run, step)) return std::move(*report);
    run_step(run, step, position);
    report_phase(run, step.phase);
  }
  return finish(run, "run_done", Json{{"steps", run.plan.steps.size()}}, "all steps are done, but the end of");
}

void open_backup(Run& run, const std::string& started, const std::string& plan_json) {
  if (!run.settings.backup || run.plan.empty()) return;
  Manifest facts;
  facts.run = run.id;
  facts.started = started;
  facts.database = run.plan.target.database;
  facts.tool_version = run.plan.tool_version;
  facts.plan_digest = plan::digest(run.plan);
  facts.server_version = run.session().server_version();
  try {
    run.backup.emplace(run.settings.backup_folder, std::move(facts), plan_json, run.settings.catalog_text);
  } catch (const BackupError& error) {
    throw CommandError(ExitCode::failed, std::string("backups can't be written: ") + error.what() +
                                             (run.changed ? "\nNothing was changed by this command; the run is open as it was."
                                                          : "\nNothing was changed.") +
                                             " Give a folder that can be written, or consent to going without backups by "
                                             "--no-backup.");
  }
}

std::string whose(const Settings& settings, postgres::Session& session) {
  return settings.by.empty() ? session.query("SELECT session_user", {}).text(0, 0) : settings.by;
}

// Absent: to the end.
void note_until(Json& detail, const Settings& settings) {
  if (settings.until != plan::Phase::contract) detail["until"] = std::string(to_string(settings.until));
}

Json started_detail(const std::vector<plan::Hazard>& consented, const Settings& settings, const std::string& role) {
  Json hazards = Json::array();
  for (const plan::Hazard& hazard : consented) {
    hazards.push_back(Json{{"kind", hazard.kind}, {"object", hazard.object}, {"step", hazard.step}});
  }
  Json detail{{"consented", hazards}, {"backup", settings.backup}, {"role", role}};
  note_until(detail, settings);
  if (!settings.provenance.empty()) detail["provenance"] = to_json(settings.provenance);
  if (settings.backup && !settings.catalog_text.empty()) detail["catalog_sha256"] = support::sha256(settings.catalog_text);
  return detail;
}

// Journals a new run in one transaction: the schema, the end of an unfinished earlier run, and the run itself.
void journal_start(Run& run, const std::vector<plan::Hazard>& consented, const std::optional<RunRecord>& unfinished) {
  try {
    postgres::Transaction transaction(run.session());
    run.journal.install(run.plan.target);
    if (unfinished) run.journal.append(unfinished->id, "superseded", "", Json{{"by", run.id}});
    Json detail = started_detail(consented, run.settings, run.session().query("SELECT current_user", {}).text(0, 0));
    note_at_stake(detail, at_stake(run.session(), run.plan, {}));
    run.journal.start_run(run.id, whose(run.settings, run.session()), run.plan, detail);
    transaction.commit();
  } catch (const DatabaseError& error) {
    throw CommandError(ExitCode::failed, "the journal in schema lockstep of database \"" + run.plan.target.database +
                                             "\" can't be written: " + error.what() + "\nNothing was changed.");
  }
}

Report resume_locked(const RunRecord& record, const Settings& settings, Dependencies& use, const char* event = "resumed") {
  require_trusted_writers(use.session, "go on with run " + record.id);
  require_own_helpers(use.session, record.id);
  require_intact_journal(use.session, record);
  const plan::Plan plan = plan::from_json(record.plan_json);
  require_well_formed(plan);
  require_privileges(use.session, plan);
  SharedOutput output(use.output);
  Run run(plan, settings, use, output, record.id);
  run.states = run.journal.step_states(record.id);
  run.changed = record.changed;
  check_saved_before_resume(run);
  require_rest_unmoved(use.session, record);
  if (record.waits() && settings.until >= record.next)
    if (const auto moved = moved_by_others(run); !moved.empty()) refuse_moved(run, moved);
  require_rest_small(run, record.waits());
  require_free_names(use.session, plan, run.states);
  require_no_obstacles(use.session, plan, settings, run.states);
  open_backup(run, record.started, record.plan_json);
  Json detail{{"by", whose(settings, use.session)}, {"backup", settings.backup}};
  note_until(detail, settings);
  run.journal.append(record.id, event, "", detail);
  output.run_started(plan.steps.size(), record.id, true);
  return go_on(run);
}

}  // namespace

namespace {

Report execute_locked(const plan::Plan& plan, const std::vector<plan::Hazard>& consented, const Settings& settings,
                      Dependencies& use) {
  std::optional<RunRecord> unfinished;  // the new run takes its place; those that wait at the gate stay open
  for (const RunRecord& open : open_runs(use.session)) {
    if (open.plan_digest == plan::digest(plan)) return resume_locked(open, settings, use);
    if (!open.waits() || open.id == plan.undoes) unfinished = open;
  }

  require_privileges(use.session, plan);
  require_unmoved(use.session, plan);
  require_small(use.session, plan);
  require_free_names(use.session, plan);
  require_no_obstacles(use.session, plan, settings);
  require_data(use.session, plan);
  const auto fresh = use.session.query("SELECT pg_catalog.gen_random_uuid(), " + iso_timestamp("pg_catalog.now()"), {});
  SharedOutput output(use.output);
  Run run(plan, settings, use, output, settings.run_id.empty() ? fresh.text(0, 0) : settings.run_id);
  open_backup(run, fresh.text(0, 1), plan::to_json(plan));
  journal_start(run, consented, unfinished);
  output.run_started(plan.steps.size(), run.id, false);
  if (const std::string note = untrusted_writers_note(use.session); !note.empty()) output.message(note);
  return go_on(run);
}

// Turns server errors that no step and no check has handled into a message; all of them occur before the first step.
template <class Function>
Report under_lock(Dependencies& use, Function function) {
  try {
    const auto lock = RunLock::acquire(use.session, use.clock);
    return function();
  } catch (const DatabaseError& error) {
    throw CommandError(ExitCode::failed, std::string("the run could not begin: ") + error.what() +
                                             "\nNothing was changed. Run the same command again once the cause is corrected.");
  }
}

}  // namespace

Report execute(const plan::Plan& plan, const std::vector<plan::Hazard>& consented, const Settings& settings, Dependencies& use) {
  require_well_formed(plan);
  return under_lock(use, [&] { return execute_locked(plan, consented, settings, use); });
}

Report resume(const RunRecord& run, const Settings& settings, Dependencies& use) {
  return under_lock(use, [&] {
    for (const RunRecord& now : open_runs(use.session)) {
      if (now.id == run.id) return resume_locked(now, settings, use);
    }
    throw CommandError(
        ExitCode::failed,
        "run " + run.id.substr(0, 8) + " is not open any more: it was finished or superseded meanwhile; nothing was changed");
  });
}

Report purge(const RunRecord& run, const Settings& settings, Dependencies& use) {
  return under_lock(use, [&] {
    for (const RunRecord& held : held_runs(use.session)) {
      if (held.id != run.id) continue;
      Settings to_the_end = settings;
      to_the_end.until = plan::Phase::purge;
      return resume_locked(held, to_the_end, use, "purging");
    }
    throw CommandError(ExitCode::failed, "run " + run.id.substr(0, 8) +
                                             " is not held any more: it was purged or undone meanwhile; nothing was changed");
  });
}

}  // namespace lockstep::executor
