// A step that is one transaction: pinned settings, locks and backups of what it loses, its statements, its journal event.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "executor/crash_point.h"
#include "executor/relation_shape.h"
#include "executor/run.h"

namespace lockstep::executor {

namespace {

using support::Sql;

Sql mode_sql(plan::LockMode mode) {
  return {+[](int value) { return std::string(plan::to_string(static_cast<plan::LockMode>(value))); }, static_cast<int>(mode)};
}

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
    if (relkind == "r" || relkind == "p")
      run.session().execute("LOCK TABLE " + Sql::relation(relation) + " IN ACCESS EXCLUSIVE MODE");
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
  std::vector<std::string> relations;
  for (const plan::Expectation& expected : step.expects) {
    relations.push_back(expected.relation);
    if (expected.lock == plan::LockMode::none || !may_lock(run, expected.relation)) continue;
    run.session().execute("LOCK TABLE ONLY " + Sql::relation(expected.relation) + " IN " + mode_sql(expected.lock) + " MODE");
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
  pin_settings(session, lock_timeout, true);
  lock_relations(run, step);
  require_expected(run, step);
  save_losses(run, step);
  crash_point(step.id, "after-backup");
  crash_point(step.id, "before-exec");
  for (const std::string& statement : step.sql) session.declared(support::DeclaredSql(statement, step.search_path));
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
