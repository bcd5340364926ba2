// A step that is one transaction: pinned settings, locks, backups of what it loses, its statements, its journal event.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "executor/crash_point.h"
#include "executor/expectation.h"
#include "executor/grown.h"
#include "executor/own_helpers.h"
#include "executor/run.h"
#include "executor/saved_values.h"
#include "executor/transitional.h"
#include "support/lines.h"
#include "support/sql_text.h"

namespace lockstep::executor {

namespace {

using support::Sql;

Sql mode_sql(plan::LockMode mode) {
  return {+[](int value) { return std::string(plan::to_string(static_cast<plan::LockMode>(value))); }, static_cast<int>(mode)};
}

constexpr std::int64_t kLeastLockTime = 10;  // milliseconds

// Locks everything that the step will lock by name, in OID order so that two runs can't deadlock, and within the time of this
// attempt, since whoever queues behind the first lock also waits for the last. So the rows saved under the lock are exactly the
// rows that are lost. A transitional view that goes comes before its table: whoever uses it locks them in this order too. What
// LOCK TABLE refuses (a sequence, an index) is locked by the step's statement, and so is another view, and a table that the role
// may only reference (a foreign key to somebody else's table) and not lock by name.
void lock_relations(Run& run, const plan::Step& step, std::chrono::milliseconds lock_timeout) {
  std::map<std::string, plan::LockMode> wanted;
  const auto want = [&](const std::string& relation, plan::LockMode mode) {
    plan::LockMode& strongest = wanted[relation];
    strongest = std::max(strongest, mode);
  };
  for (const plan::RelationLock& lock : step.locks) {
    if (lock.mode > plan::LockMode::share_update_exclusive) want(lock.relation, lock.mode);
  }
  for (const plan::Expectation& expected : step.expects) want(expected.relation, expected.lock);
  for (const plan::Loss& loss : step.losses) {
    if (!loss.relation.empty() && loss.hidden.empty()) want(loss.relation, plan::LockMode::access_exclusive);
  }
  Json list = Json::array();
  const auto add = [&](const std::string& relation, plan::LockMode mode, bool transitional) {
    list.push_back(Json{{"relation", relation}, {"mode", std::string(to_string(mode))}, {"transitional", transitional}});
  };
  for (const plan::Helper& helper : step.helpers) {
    if (helper.names.size() == 2 && helper.change == plan::Helper::Change::taken)
      add(support::qualified(helper.names), plan::LockMode::access_exclusive, true);
  }
  for (const auto& [relation, mode] : wanted) {
    if (mode != plan::LockMode::none) add(relation, mode, false);
  }
  if (list.empty()) return;
  const auto rows = run.session().query(
      "SELECT n.nspname, c.relname, w.mode FROM pg_catalog.json_to_recordset($1) AS w (relation pg_catalog.text, mode "
      "pg_catalog.text, transitional pg_catalog.bool) JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(w.relation) "
      "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE CASE WHEN w.transitional THEN c.relkind = 'v' ELSE "
      "c.relkind IN ('r', 'p') END AND pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE') "
      "ORDER BY w.transitional DESC, c.oid",
      {list.dump()});
  const auto begun = run.use.clock.now();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto left = lock_timeout - std::chrono::duration_cast<std::chrono::milliseconds>(run.use.clock.now() - begun);
    const auto mode = plan::lock_mode_from(rows.text(row, 2));
    run.session().execute("SET LOCAL lock_timeout = " + Sql::number(std::max<std::int64_t>(kLeastLockTime, left.count())) +
                          "; LOCK TABLE ONLY " + Sql::identifier(rows.text(row, 0), rows.text(row, 1)) + " IN " +
                          mode_sql(*mode) + " MODE");
  }
}

// A relation that the step alters is not what it was when the plan was made.
struct Moved {
  std::string what;
};

// The lock makes the result final: what was added to a table after the plan was proved (an index on a dropped column, a view)
// would be lost or prevent the step, and nobody saw it in the plan.
void require_expected(Run& run, const plan::Step& step) {
  const auto moved = moved_since(run.session(), run.plan, step);
  if (!moved.empty()) throw Moved{"the database has changed since the plan was made:" + support::listed(moved)};
}

// Before the locks: nobody waits for the answer. What the table grows by between the two is no matter.
void require_small(Run& run, const plan::Step& step) {
  const auto grown = grown_for(run.session(), step);
  if (!grown.empty()) throw Moved{"a table has grown too large for it since the plan was made:" + support::listed(grown)};
}

// A transitional object of the step belongs to somebody else, or may do so.
struct NotOwn {
  std::string what;
};

void require_own(const std::string& found) {
  if (!found.empty()) throw NotOwn{found};
}

// The part of the step's event about what was saved.
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
  pin_settings(session, lock_timeout, true);
  require_small(run, step);
  lock_relations(run, step, lock_timeout);
  require_expected(run, step);
  require_own(in_the_way(session, step));
  require_own(there_before(session, step));
  const Json saved = save_losses(run, step);
  crash_point(step.id, "after-backup");
  require_saved_values(run, step);
  crash_point(step.id, "before-exec");
  // rows are saved before this, under pinned settings, so that a restore reads the same values
  take_own_settings(run, step, true);
  for (const std::string& statement : step.sql) session.declared(support::DeclaredSql(statement, step.search_path));
  crash_point(step.id, "after-exec");
  require_own(not_own(session, step));
  record_helpers(session, run.id, step);
  Json detail{{"statements", step.sql.size()}};
  if (!saved.empty()) detail["saved"] = saved;  // through this the hash chain covers the rows of lockstep.backup
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
    } catch (const NotOwn& found) {
      stop(run, step, found.what, state);
    } catch (const SavedValuesMoved& moved) {
      stop(run, step, "what it destroys is not known to be saved: " + moved.what, "The step was rolled back; nothing is lost.");
    }
  });
  crash_point(step.id, "after-settled");
}

}  // namespace lockstep::executor
