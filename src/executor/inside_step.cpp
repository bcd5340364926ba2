// A step that is one transaction: pinned settings, locks and backups of what it loses, its statements, its journal event.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "executor/crash_point.h"
#include "executor/relation_shape.h"
#include "executor/run.h"
#include "support/sql_text.h"

namespace lockstep::executor {

namespace {

constexpr std::int64_t kLeastLockTime = 10;  // milliseconds

// Everything the step will lock by name, in OID order so that two runs can't deadlock, and all of it within the time of this
// attempt: whoever queues behind the first lock also waits for the last. Rows saved under the lock are exactly the rows
// lost. What LOCK TABLE doesn't take (a view, a sequence, an index) its statement locks; so it does for who may only refer
// to a table (a foreign key to somebody else's) and may not lock it by name.
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
  for (const auto& [relation, mode] : wanted) {
    if (mode != plan::LockMode::none) list.push_back(Json{{"relation", relation}, {"mode", std::string(to_string(mode))}});
  }
  if (list.empty()) return;
  const auto rows = run.session().query(
      "SELECT n.nspname, c.relname, w.mode FROM pg_catalog.json_to_recordset($1) AS w (relation pg_catalog.text, mode "
      "pg_catalog.text) JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(w.relation) JOIN pg_catalog.pg_namespace n "
      "ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, "
      "TRUNCATE') ORDER BY c.oid",
      {list.dump()});
  const auto begun = run.use.clock.now();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto left = lock_timeout - std::chrono::duration_cast<std::chrono::milliseconds>(run.use.clock.now() - begun);
    run.session().execute("SET LOCAL lock_timeout = " + std::to_string(std::max<std::int64_t>(kLeastLockTime, left.count())) +
                          "; LOCK TABLE ONLY " + support::qualified(rows.text(row, 0), rows.text(row, 1)) + " IN " +
                          rows.text(row, 2) + " MODE");
  }
}

// What the step alters is not what it was when the plan was made.
struct Moved {
  std::string what;
};

// Under the lock, and so for good: what was added to a table since the plan was proved (an index on a column that goes, a view)
// would be lost, or stand in the way, without anybody having seen it in the plan.
void require_expected(Run& run, const plan::Step& step) {
  std::vector<std::string> relations;
  for (const plan::Expectation& expected : step.expects) {
    relations.push_back(expected.relation);
  }
  auto shapes = relation_shapes(run.session(), relations);
  std::string moved;
  const auto tell = [&](const std::string& relation, const std::vector<std::string>& some, const std::vector<std::string>& others,
                        const char* verb) {
    std::vector<std::string> only;
    std::set_difference(some.begin(), some.end(), others.begin(), others.end(), std::back_inserter(only));
    for (const std::string& line : only) moved += "\n  " + relation + ": " + line + verb;
  };
  for (const plan::Expectation& expected : step.expects) {
    tell(expected.relation, shapes[expected.relation], expected.shape, " is new");
    tell(expected.relation, expected.shape, shapes[expected.relation], " is gone");
  }
  if (!moved.empty()) throw Moved{"the database has changed since the plan was made:" + moved};
}

void save_losses(Run& run, const plan::Step& step) {
  if (!run.backup) return;
  bool saved = false;
  for (std::size_t index = 0; index < step.losses.size(); ++index) {
    if (step.losses[index].query.empty()) continue;
    const BackupFile file = run.backup->save(run.session(), step, index);
    run.session().query(
        "INSERT INTO lockstep.backup (run, step, object, what, relation, folder, file, row_count, raw_bytes, stored_bytes, "
        "raw_sha256, "
        "stored_sha256) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        {run.id, step.id, file.object, file.what, file.relation, run.backup->folder(), file.file, std::to_string(file.rows),
         std::to_string(file.raw_bytes), std::to_string(file.stored_bytes), file.raw_sha256, file.stored_sha256});
    run.output.backed_up(file.object, file.rows, file.stored_bytes, run.backup->folder() + "/" + file.file);
    saved = true;
  }
  if (saved) run.backup->write_manifest();
}

void attempt_inside(Run& run, const plan::Step& step, std::chrono::milliseconds lock_timeout) {
  postgres::Session& session = run.session();
  postgres::Transaction transaction(session, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
  pin_settings(session, step.search_path, lock_timeout, true);
  lock_relations(run, step, lock_timeout);
  require_expected(run, step);
  save_losses(run, step);
  crash_point(step.id, "after-backup");
  crash_point(step.id, "before-exec");
  for (const std::string& statement : step.sql) session.execute(statement);
  crash_point(step.id, "after-exec");
  run.journal.append(run.id, "executed", step.id, Json{{"statements", step.sql.size()}});
  crash_point(step.id, "before-commit");
  run.commit(transaction);
  crash_point(step.id, "after-commit");
}

}  // namespace

void run_inside(Run& run, const plan::Step& step) {
  const std::string state = "The step was rolled back.";
  with_lock_retries(run, step, state, [&](std::chrono::milliseconds lock_timeout) {
    try {
      attempt_inside(run, step, lock_timeout);
    } catch (const Moved& moved) {
      stop_stale(run, step, moved.what);
    }
  });
  crash_point(step.id, "after-settled");
}

}  // namespace lockstep::executor
