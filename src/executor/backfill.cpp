// A step in batches (batches.h). The cursor is committed with each batch. The `pending` predicate makes every batch idempotent,
// so a range may be done twice.
//
// Rows that concurrent writers move behind the cursor are found by the next passes: a pass ends when its upper bound is
// reached, the step ends when no pending row is left.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "executor/batch_helpers.h"
#include "executor/crash_point.h"
#include "executor/expectation.h"
#include "executor/pace.h"
#include "executor/run.h"
#include "support/lines.h"
#include "support/sql_text.h"

namespace lockstep::executor {

namespace {

using std::chrono::milliseconds;
using support::DatabaseError;

constexpr int kPasses = 8;  // a limit, because writers may keep making pending rows
constexpr milliseconds kTellEvery{200};

// However it is left, no helper works on the batches after it.
class HelpersAtWork {
 public:
  HelpersAtWork(BatchHelpers& helpers, Batches& batches) : helpers_(helpers) { helpers_.work_on(batches); }
  ~HelpersAtWork() { helpers_.end(); }
  HelpersAtWork(const HelpersAtWork&) = delete;
  HelpersAtWork& operator=(const HelpersAtWork&) = delete;

 private:
  BatchHelpers& helpers_;
};

class Backfill {
 public:
  Backfill(Run& run, const plan::Step& step)
      : run_(run),
        step_(step),
        started_(run.use.clock.now()),
        pace_(run.settings),
        size_(run.settings.batch_time),
        helpers_(run, step) {
    run_.end_helpers = [this] { helpers_.end(); };
  }
  ~Backfill() {
    helpers_.end();
    run_.end_helpers = nullptr;
  }
  Backfill(const Backfill&) = delete;
  Backfill& operator=(const Backfill&) = delete;

  void all() {
    const std::vector<Leaf> leaves = leaves_of();
    // After it was asked what code they have: what comes later is met by the batch.
    if (const std::string changed = changes(leaves); !changed.empty()) stop(run_, step_, changed, "The batches so far are kept.");
    for (const Leaf& leaf : leaves) total_ += std::max<std::int64_t>(0, estimate(leaf));
    for (const Leaf& leaf : leaves) work_on(leaf);
    tell(true);
  }
  std::int64_t rows() const { return rows_ + helpers_.rows(); }

 private:
  // The table itself, its partitions at every depth and inheriting tables: all relations with rows.
  std::vector<Leaf> leaves_of() {
    const std::string table = support::qualified(step_.batches.schema, step_.batches.table);
    const auto rows = run_.session().query(
        "WITH RECURSIVE tree (oid) AS (SELECT pg_catalog.to_regclass($1)::oid UNION "
        "SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN tree ON i.inhparent = tree.oid) "
        "SELECT n.nspname, c.relname, c.oid, c.relkind FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.oid "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'f') ORDER BY 1, 2",
        {table});
    std::vector<Leaf> leaves;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      leaves.push_back(
          {support::qualified(rows.text(row, 0), rows.text(row, 1)), rows.integer(row, 2), rows.text(row, 3) == "f"});
      leaves.back().code = code_of(run_.session(), leaves.back());
    }
    if (leaves.empty() && !run_.session().query("SELECT pg_catalog.to_regclass($1) IS NOT NULL", {table}).boolean(0, 0)) {
      stop(run_, step_, "table " + table + " is not there", "The step has not begun.");
    }
    return leaves;
  }

  // What somebody makes on the table runs, with its next row, with the rights of this session.
  std::string changes(const std::vector<Leaf>& leaves) {
    auto moved = moved_since(run_.session(), run_.plan, step_);
    std::vector<std::string> names;
    for (const Leaf& leaf : leaves) names.push_back(leaf.name);
    for (auto& line : code_beside(run_.session(), step_, names)) moved.push_back(std::move(line));
    return moved.empty() ? "" : "the database has changed since the plan was made:" + support::listed(moved);
  }

  void work_on(const Leaf& leaf) {
    try {
      leaf.foreign ? at_once(leaf) : in_passes(leaf);
    } catch (const CodeChanged&) {
      const std::string changed = changes({leaf});
      stop(run_, step_,
           changed.empty() ? "a trigger, rule, policy, constraint, generated column, type, cast, parent or index of " +
                                 leaf.name + ", or the table itself, was created, changed or dropped since the step began"
                           : changed,
           "The batch that met it was rolled back and wrote nothing, those before it are kept.");
    }
  }

  std::int64_t estimate(const Leaf& leaf) {
    return run_.session()
        .query("SELECT reltuples::bigint FROM pg_catalog.pg_class WHERE oid = $1", {std::to_string(leaf.oid)})
        .integer(0, 0);
  }

  std::int64_t blocks(const Leaf& leaf) {
    return run_.session()
        .query(
            "SELECT (pg_catalog.pg_relation_size($1) + b.size - 1) / b.size FROM (SELECT setting::bigint AS size "
            "FROM pg_catalog.pg_settings WHERE name = 'block_size') AS b",
            {std::to_string(leaf.oid)})
        .integer(0, 0);
  }

  void in_passes(const Leaf& leaf) {
    const auto& cursors = run_.states[step_.id].cursors;
    const auto found = cursors.find(leaf.name);
    Cursor cursor =
        found != cursors.end() && found->second.filenode == filenode_of(run_.session(), leaf) ? found->second : fresh(leaf, 1);
    size_.relation(estimate(leaf), blocks(leaf));
    for (;;) {
      if (!pass(leaf, cursor)) {
        cursor = fresh(leaf, cursor.pass);
        continue;
      }
      if (!pending_left(leaf)) return;
      if (cursor.pass >= kPasses) give_up(leaf);
      cursor = fresh(leaf, cursor.pass + 1);
    }
  }

  Cursor fresh(const Leaf& leaf, int pass) { return {filenode_of(run_.session(), leaf), 0, blocks(leaf), pass}; }

  // Returns false if the table was rewritten meanwhile.
  bool pass(const Leaf& leaf, const Cursor& cursor) {
    Batches batches(run_, step_, leaf, cursor);
    const HelpersAtWork at_work(helpers_, batches);
    while (batches.ranges().left() && !batches.moved()) {
      while (batches.ranges().left() && !batches.moved()) {
        batch(leaf, batches);
        helpers_.consider(rows_);
      }
      helpers_.end();  // what one of them gave back is left now
    }
    return !batches.moved();
  }

  void batch(const Leaf& leaf, Batches& batches) {
    keep_pace(leaf);
    const std::string state = "The batch was rolled back, those before it are kept; the next attempt continues after them.";
    stop_if_interrupted(run_, step_, state);
    with_lock_retries(run_, step_, state, [&](milliseconds lock_timeout) {
      rows_ +=
          batches.one(run_.session(), size_, lock_timeout, [&](postgres::Transaction& transaction) { run_.commit(transaction); });
    });
    tell(false);
  }

  // A foreign table has no blocks on this server.
  void at_once(const Leaf& leaf) {
    with_lock_retries(run_, step_, "The update was rolled back.", [&](milliseconds lock_timeout) {
      postgres::Transaction transaction(run_.session());
      pin_settings(run_.session(), lock_timeout, true);
      take_own_settings(run_, step_, true);
      if (!facts_of(run_.session(), leaf).as_begun(leaf)) throw CodeChanged();
      const std::int64_t updated = update_pending(run_.session(), step_, leaf, "");
      run_.journal.append(run_.id, "batch", step_.id, Json{{"relation", leaf.name}, {"rows", updated}});
      run_.commit(transaction);
      rows_ += updated;
    });
  }

  bool pending_left(const Leaf& leaf) {
    return ask("EXISTS (SELECT FROM ONLY " + rows_of(step_, leaf) + " WHERE " + step_.batches.pending + ")").boolean(0, 0);
  }

  postgres::Result ask(const std::string& expression) {
    try {
      postgres::Transaction transaction(run_.session(), "BEGIN READ ONLY");
      pin_settings(run_.session(), run_.settings.lock_timeout, true);
      take_own_settings(run_, step_, true);
      auto result = run_.session().declared_single(support::DeclaredSql("SELECT " + expression, step_.search_path));
      transaction.commit();
      return result;
    } catch (const DatabaseError& error) {
      stop(run_, step_, error, "The batches so far are kept.");
    }
  }

  [[noreturn]] void give_up(const Leaf& leaf) {
    const std::int64_t left =
        ask("(SELECT pg_catalog.count(*) FROM ONLY " + rows_of(step_, leaf) + " WHERE " + step_.batches.pending + ")")
            .integer(0, 0);
    stop(run_, step_,
         "after " + std::to_string(kPasses) + " passes over " + leaf.name + " " + std::to_string(left) +
             " rows are still to do (" + step_.batches.pending +
             "): the new value leaves them so, or something keeps writing such rows",
         "The batches so far are kept.");
  }

  void keep_pace(const Leaf& leaf) {
    for (;;) {
      const std::string who = pace_.to_wait_for(run_.session(), run_.use.clock, leaf.oid);
      helpers_.pause(!who.empty());
      if (who.empty()) return;
      run_.output.step_waiting(step_, who, milliseconds(0));
      stop_if_interrupted(run_, step_, "The batches so far are kept.");
      run_.use.clock.sleep(kPacePause);
    }
  }

  void tell(bool last) {
    const auto now = run_.use.clock.now();
    if (!last && now - told_ < kTellEvery) return;
    told_ = now;
    const double seconds = std::chrono::duration<double>(now - started_).count();
    Progress progress;
    progress.done = rows();
    progress.total = last ? progress.done : std::max(total_, progress.done);
    progress.unit = "rows";
    progress.per_second = seconds > 0 ? static_cast<double>(progress.done) / seconds : 0;
    run_.output.step_progress(step_, progress);
  }

  Run& run_;
  const plan::Step& step_;
  std::chrono::steady_clock::time_point started_, told_{};
  Pace pace_;
  BatchSize size_;
  std::int64_t rows_ = 0, total_ = 0;  // that this thread updated; that there are, as the statistics say
  BatchHelpers helpers_;
};

}  // namespace

void run_batches(Run& run, const plan::Step& step) {
  Backfill backfill(run, step);
  try {
    backfill.all();
  } catch (const DatabaseError& error) {
    stop(run, step, error, "The batches so far are kept; the next attempt continues after them.");
  }
  run.rows_backfilled += backfill.rows();
  run.changed = true;
  run.journal.append(run.id, "settled", step.id, Json{{"rows", backfill.rows()}});
  crash_point(step.id, "after-settled");
}

}  // namespace lockstep::executor
