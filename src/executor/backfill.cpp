// A step in batches: UPDATE over ranges of blocks (a TID range scan needs no key and reads each block once). The cursor is
// committed with each batch. The `pending` predicate makes every batch idempotent, so a range may be done twice.
//
// Rows that concurrent writers move behind the cursor are found by the next passes: a pass ends when its upper bound is
// reached, the step ends when no pending row is left. A batch aims at a duration, not at a size, because everybody who waits
// for a row of the batch notices a slow disk or long rows. Blocks without pending rows are quick and say nothing about those
// behind them, so a batch never has more blocks than could be updated in a few times that duration if all were full.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "executor/crash_point.h"
#include "executor/run.h"
#include "support/sql_text.h"

namespace lockstep::executor {

namespace {

using std::chrono::milliseconds;
using support::DatabaseError;

constexpr int kPasses = 8;  // a limit, because writers may keep making pending rows
constexpr std::int64_t kFirstBlocks = 64;
constexpr double kOvershoot = 4;             // of the duration, where full blocks follow upon empty ones
constexpr double kUnknownRowsPerBlock = 50;  // of a table without statistics
constexpr milliseconds kLagPause{500};
constexpr milliseconds kTellEvery{200};

struct Leaf {
  std::string name;  // qualified, as in the journal
  std::int64_t oid = 0;
  bool foreign = false;
};

class Backfill {
 public:
  Backfill(Run& run, const plan::Step& step) : run_(run), step_(step), started_(run.use.clock.now()) {}

  void all() {
    const std::vector<Leaf> leaves = leaves_of();
    for (const Leaf& leaf : leaves) total_ += std::max<std::int64_t>(0, estimate(leaf));
    for (const Leaf& leaf : leaves) leaf.foreign ? at_once(leaf) : in_passes(leaf);
    tell(true);
  }
  std::int64_t rows() const { return rows_; }

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
    }
    if (leaves.empty() && !run_.session().query("SELECT pg_catalog.to_regclass($1) IS NOT NULL", {table}).boolean(0, 0)) {
      stop(run_, step_, "table " + table + " is not there", "The step has not begun.");
    }
    return leaves;
  }

  std::int64_t estimate(const Leaf& leaf) {
    return run_.session()
        .query("SELECT reltuples::bigint FROM pg_catalog.pg_class WHERE oid = $1", {std::to_string(leaf.oid)})
        .integer(0, 0);
  }

  std::int64_t filenode(const Leaf& leaf) {
    return run_.session().query("SELECT pg_catalog.pg_relation_filenode($1)", {std::to_string(leaf.oid)}).integer(0, 0);
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
    Cursor cursor = found != cursors.end() && found->second.filenode == filenode(leaf) ? found->second : fresh(leaf, 1);
    const auto rows = static_cast<double>(estimate(leaf));
    fullest_ = rows > 0 ? rows / static_cast<double>(std::max<std::int64_t>(1, blocks(leaf))) : kUnknownRowsPerBlock;
    for (;;) {
      while (cursor.next < cursor.upper) {
        const bool moved = batch(leaf, cursor);
        if (moved) cursor = fresh(leaf, cursor.pass);
      }
      if (!pending_left(leaf)) return;
      if (cursor.pass >= kPasses) give_up(leaf);
      cursor = fresh(leaf, cursor.pass + 1);
    }
  }

  Cursor fresh(const Leaf& leaf, int pass) { return {filenode(leaf), 0, blocks(leaf), pass}; }

  // Returns whether the table was rewritten meanwhile, which changes the meaning of block numbers.
  bool batch(const Leaf& leaf, Cursor& cursor) {
    follow_replicas();
    bool moved = false;
    const std::string state = "The batch was rolled back, those before it are kept; the next attempt continues after them.";
    stop_if_interrupted(run_, step_, state);
    with_lock_retries(run_, step_, state, [&](milliseconds lock_timeout) {
      try {
        moved = attempt(leaf, cursor, lock_timeout);
      } catch (const DatabaseError&) {
        blocks_ = std::max<std::int64_t>(1, blocks_ / 2);  // a batch with fewer rows waits for fewer locks
        throw;
      }
    });
    tell(false);
    return moved;
  }

  bool attempt(const Leaf& leaf, Cursor& cursor, milliseconds lock_timeout) {
    postgres::Session& session = run_.session();
    const std::int64_t end = std::min(cursor.upper, cursor.next + blocks_);
    const auto begun = run_.use.clock.now();
    postgres::Transaction transaction(session, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
    pin_settings(session, lock_timeout, true);
    take_own_settings(run_, step_, true);
    crash_point(step_.id, "before-exec");
    const std::int64_t updated =
        update(leaf, " AND ctid OPERATOR(pg_catalog.>=) " + tid(cursor.next) + " AND ctid OPERATOR(pg_catalog.<) " + tid(end));
    crash_point(step_.id, "after-exec");
    // the update has the table's lock, so the table can't be rewritten any more
    if (filenode(leaf) != cursor.filenode) return true;
    run_.journal.append(run_.id, "batch", step_.id,
                        Json{{"relation", leaf.name},
                             {"filenode", cursor.filenode},
                             {"next", end},
                             {"upper", cursor.upper},
                             {"pass", cursor.pass},
                             {"rows", updated}});
    crash_point(step_.id, "before-commit");
    run_.commit(transaction);
    crash_point(step_.id, "after-commit");
    const std::int64_t size = end - cursor.next;
    cursor.next = end;
    rows_ += updated;
    adapt(std::chrono::duration_cast<milliseconds>(run_.use.clock.now() - begun), size, updated);
    return false;
  }

  // Expressions were printed for the step's table and may contain its name.
  std::string rows_of(const Leaf& leaf) const { return leaf.name + " AS " + support::quote_identifier(step_.batches.table); }

  static std::string tid(std::int64_t block) { return "'(" + std::to_string(block) + ",0)'::pg_catalog.tid"; }

  std::int64_t update(const Leaf& leaf, const std::string& range) {
    return run_.session()
        .declared_single(declared("UPDATE ONLY " + rows_of(leaf) + " SET " + step_.batches.assignment + " WHERE (" +
                                  step_.batches.pending + ")" + range))
        .affected();
  }

  support::DeclaredSql declared(std::string text) const { return support::DeclaredSql(std::move(text), step_.search_path); }

  // A foreign table has no blocks on this server.
  void at_once(const Leaf& leaf) {
    with_lock_retries(run_, step_, "The update was rolled back.", [&](milliseconds lock_timeout) {
      postgres::Transaction transaction(run_.session());
      pin_settings(run_.session(), lock_timeout, true);
      take_own_settings(run_, step_, true);
      const std::int64_t updated = update(leaf, "");
      run_.journal.append(run_.id, "batch", step_.id, Json{{"relation", leaf.name}, {"rows", updated}});
      run_.commit(transaction);
      rows_ += updated;
    });
  }

  // Adapts towards the target duration, by at most a factor of two at a time, since one slow batch says little.
  void adapt(milliseconds took, std::int64_t blocks, std::int64_t updated) {
    const auto target = static_cast<double>(run_.settings.batch_time.count());
    const auto time = static_cast<double>(std::max<std::int64_t>(1, took.count()));
    fullest_ = std::max(fullest_, static_cast<double>(updated) / static_cast<double>(blocks));
    fastest_ = std::max(fastest_, static_cast<double>(updated) / time);
    const auto most = std::max(kFirstBlocks, static_cast<std::int64_t>(kOvershoot * target * fastest_ / fullest_));
    const double next = static_cast<double>(blocks_) * std::clamp(target / time, 0.5, 2.0);
    blocks_ = std::clamp(static_cast<std::int64_t>(std::llround(next)), std::int64_t{1}, most);
  }

  bool pending_left(const Leaf& leaf) {
    return ask("EXISTS (SELECT FROM ONLY " + rows_of(leaf) + " WHERE " + step_.batches.pending + ")").boolean(0, 0);
  }

  postgres::Result ask(const std::string& expression) {
    try {
      postgres::Transaction transaction(run_.session(), "BEGIN READ ONLY");
      pin_settings(run_.session(), run_.settings.lock_timeout, true);
      take_own_settings(run_, step_, true);
      auto result = run_.session().declared_single(declared("SELECT " + expression));
      transaction.commit();
      return result;
    } catch (const DatabaseError& error) {
      stop(run_, step_, error, "The batches so far are kept.");
    }
  }

  [[noreturn]] void give_up(const Leaf& leaf) {
    const std::int64_t left =
        ask("(SELECT pg_catalog.count(*) FROM ONLY " + rows_of(leaf) + " WHERE " + step_.batches.pending + ")").integer(0, 0);
    stop(run_, step_,
         "after " + std::to_string(kPasses) + " passes over " + leaf.name + " " + std::to_string(left) +
             " rows are still to do (" + step_.batches.pending +
             "): the new value leaves them so, or something keeps writing such rows",
         "The batches so far are kept.");
  }

  // At most every kLagPause. A role that may not see the replicas' lag reads nulls and doesn't wait.
  void follow_replicas() {
    if (run_.settings.max_replica_lag.count() <= 0) return;
    while (run_.use.clock.now() - lag_asked_ >= kLagPause) {
      lag_asked_ = run_.use.clock.now();
      const auto lag = run_.session().query(
          "SELECT coalesce(pg_catalog.max(extract(epoch FROM replay_lag) * 1000), 0)::bigint FROM pg_catalog.pg_stat_replication",
          {});
      if (lag.integer(0, 0) <= run_.settings.max_replica_lag.count()) return;
      run_.output.step_waiting(step_, "a replica is " + std::to_string(lag.integer(0, 0)) + " ms behind", milliseconds(0));
      stop_if_interrupted(run_, step_, "The batches so far are kept.");
      run_.use.clock.sleep(kLagPause);
    }
  }

  void tell(bool last) {
    const auto now = run_.use.clock.now();
    if (!last && now - told_ < kTellEvery) return;
    told_ = now;
    const double seconds = std::chrono::duration<double>(now - started_).count();
    Progress progress;
    progress.done = rows_;
    progress.total = last ? rows_ : std::max(total_, rows_);
    progress.unit = "rows";
    progress.per_second = seconds > 0 ? static_cast<double>(rows_) / seconds : 0;
    run_.output.step_progress(step_, progress);
  }

  Run& run_;
  const plan::Step& step_;
  std::chrono::steady_clock::time_point started_, told_{}, lag_asked_{};
  std::int64_t blocks_ = kFirstBlocks;                   // size of the next batch
  double fullest_ = kUnknownRowsPerBlock, fastest_ = 0;  // rows in a block, rows a millisecond: the most seen
  std::int64_t rows_ = 0, total_ = 0;
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
