// A step that is one transaction: pinned settings, locks and backups of what it loses, its statements, its journal event.
#include <nlohmann/json.hpp>
#include <set>

#include "executor/crash_point.h"
#include "executor/expectation.h"
#include "executor/run.h"
#include "executor/saved_values.h"
#include "executor/transitional.h"
#include "support/sql_text.h"

namespace lockstep::executor {

namespace {

// Rows saved under the lock are exactly the rows lost. In name order, so that two runs can't deadlock. What LOCK TABLE
// doesn't take (a sequence, a materialized view) nobody writes row by row.
void lock_relations(Run& run, const plan::Step& step) {
  std::set<std::string> relations;
  for (const plan::Loss& loss : step.losses) {
    if (!loss.relation.empty() && loss.hidden.empty()) relations.insert(loss.relation);
  }
  for (const std::string& relation : relations) {
    const auto kind =
        run.session().query("SELECT relkind FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1)", {relation});
    const std::string relkind = kind.empty() ? "" : kind.text(0, 0);
    if (relkind == "r" || relkind == "p") run.session().execute("LOCK TABLE " + relation + " IN ACCESS EXCLUSIVE MODE");
  }
}

// What the step alters is not what it was when the plan was made.
struct Moved {
  std::string what;
};

// Who may only refer to a table (a foreign key to somebody else's) may not lock it by name; its statement locks it anyway.
bool may_lock(Run& run, const std::string& relation) {
  return run.session()
      .query("SELECT pg_catalog.has_table_privilege(pg_catalog.to_regclass($1)::pg_catalog.oid, 'UPDATE, DELETE, TRUNCATE')",
             {relation})
      .boolean(0, 0);
}

// Under the lock, and so for good: what was added to a table since the plan was proved (an index on a column that goes, a view)
// would be lost, or stand in the way, without anybody having seen it in the plan.
void require_expected(Run& run, const plan::Step& step) {
  for (const plan::Expectation& expected : step.expects) {
    if (expected.lock == plan::LockMode::none || !may_lock(run, expected.relation)) continue;
    run.session().execute("LOCK TABLE ONLY " + expected.relation + " IN " + std::string(plan::to_string(expected.lock)) +
                          " MODE");
  }
  const auto moved = moved_since(run.session(), step);
  if (!moved.empty()) throw Moved{"the database has changed since the plan was made:\n  " + support::join(moved, "\n  ")};
}

// What the step's event says was saved.
Json save_losses(Run& run, const plan::Step& step) {
  Json saved = Json::array();
  if (!run.backup) return saved;
  for (std::size_t index = 0; index < step.losses.size(); ++index) {
    if (!step.losses[index].query.empty()) saved.push_back(save_loss(run, step, index, 1));
  }
  if (!saved.empty()) run.backup->write_manifest();
  return saved;
}

void attempt_inside(Run& run, const plan::Step& step, std::chrono::milliseconds lock_timeout) {
  postgres::Session& session = run.session();
  postgres::Transaction transaction(session, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
  pin_settings(session, step.search_path, lock_timeout, true);
  lock_relations(run, step);
  require_expected(run, step);
  const Json saved = save_losses(run, step);
  crash_point(step.id, "after-backup");
  require_saved_values(run, step);
  crash_point(step.id, "before-exec");
  take_own_settings(run, step, true);  // rows are saved before, under pinned ones: a restore must read them as they were
  for (const std::string& statement : step.sql) session.execute(statement);
  crash_point(step.id, "after-exec");
  record_helpers(session, run.id, step);
  Json detail{{"statements", step.sql.size()}};
  if (!saved.empty()) detail["saved"] = saved;  // the chain covers the rows of lockstep.backup through this
  run.journal.append(run.id, "executed", step.id, detail);
  crash_point(step.id, "before-commit");
  run.commit(transaction);
  crash_point(step.id, "after-commit");
}

}  // namespace

void run_inside(Run& run, const plan::Step& step) {
  const std::string state = "The step was rolled back.";
  secure_saved_values(run, step);
  with_lock_retries(run, step, state, [&](std::chrono::milliseconds lock_timeout) {
    try {
      attempt_inside(run, step, lock_timeout);
    } catch (const Moved& moved) {
      stop_stale(run, step, moved.what);
    } catch (const SavedValuesMoved& moved) {
      stop(run, step, "what it destroys is not known to be saved: " + moved.what, "The step was rolled back; nothing is lost.");
    }
  });
  crash_point(step.id, "after-settled");
}

}  // namespace lockstep::executor
