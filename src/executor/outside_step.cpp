// A step that can't run in a transaction (CONCURRENTLY …): its intent is journalled before, and the catalog tells the outcome.
// No lock_timeout while nobody has to queue behind its requests: it would end the build's wait for old snapshots and leave an
// invalid index. A step with a strong lock (DETACH PARTITION … CONCURRENTLY) has that of the attempt, its repair too.
#include <nlohmann/json.hpp>
#include <utility>

#include "executor/crash_point.h"
#include "executor/interrupt.h"
#include "executor/own_helpers.h"
#include "executor/run.h"
#include "executor/transitional.h"

namespace lockstep::executor {

namespace {

using support::DatabaseError;
using support::DeclaredSql;
constexpr std::chrono::milliseconds kSessionLockTimeout{10000};  // as in a fresh session

class PinnedSession {
 public:
  PinnedSession(Run& run, const plan::Step& step) : session_(run.session()), own_(!run.own.empty()) {
    pin_settings(session_, std::chrono::milliseconds(0), false);
    take_own_settings(run, step, false);
  }
  ~PinnedSession() {
    try {
      if (!session_.connected()) return;
      if (own_) session_.execute(postgres::set_text_settings(postgres::pinned_text_settings(), false));
      pin_settings(session_, kSessionLockTimeout, false);
    } catch (const std::exception&) {  // the error that leaves the scope is the one to report
    }
  }
  PinnedSession(const PinnedSession&) = delete;
  PinnedSession& operator=(const PinnedSession&) = delete;

 private:
  postgres::Session& session_;
  bool own_;
};

enum class Found { absent, partial, pending, done };

Found probe(Run& run, const plan::Step& step) {
  const std::string answer = run.session().declared_single(DeclaredSql(step.postcheck)).text(0, 0);
  if (answer == "absent") return Found::absent;
  if (answer == "partial") return Found::partial;
  if (answer == "pending") return Found::pending;
  if (answer == "done") return Found::done;
  throw support::InternalError("the postcheck of step " + step.id + " said \"" + answer + "\"");
}

void settle(Run& run, const plan::Step& step, const char* how) {
  crash_point(step.id, "before-commit");
  postgres::Transaction transaction(run.session());
  record_helpers(run.session(), run.id, step);
  run.journal.append(run.id, "settled", step.id, Json{{"how", how}});
  run.commit(transaction);
  crash_point(step.id, "after-commit");
}

// Removes what an earlier attempt left, so that nothing of the step exists; or finishes it, where there is no way back. Returns
// what there is in the end.
Found settled(Run& run, const plan::Step& step) {
  const Found found = probe(run, step);
  if (found != Found::partial && found != Found::pending) return found;
  const bool back = found == Found::partial;
  run.output.message(step.id +
                     (back ? ": removing what an unfinished attempt left behind" : ": finishing what an attempt began"));
  run.session().declared(DeclaredSql(step.repair));
  const Found now = probe(run, step);
  if (now != (back ? Found::absent : Found::done)) {
    stop(run, step,
         std::string("what an unfinished attempt left behind could not be ") + (back ? "removed" : "finished") +
             " by: " + step.repair,
         "The step is half-done.");
  }
  return now;
}

// Runs the one statement. If it fails, what it left is removed before the failure is handled, or finished, and then it has not
// failed. As long as its outcome is unknown, it counts as a change.
void attempt_outside(Run& run, const plan::Step& step) {
  if (const std::string found = there_before(run.session(), step); !found.empty())
    stop(run, step, found, "The step has not begun.");
  const bool changed_before = std::exchange(run.changed, true);
  try {
    announce_helpers(run.session(), run.id, step);
    crash_point(step.id, "before-exec");
    run.session().declared(DeclaredSql(step.sql.front(), step.search_path));
    crash_point(step.id, "after-exec");
  } catch (const DatabaseError& error) {
    // After a signal there is no time to wait for a DROP INDEX CONCURRENTLY; the next attempt does it.
    if (error.facts().connection_lost || step.postcheck.empty() || interrupts() > 0) throw;
    const bool begun = probe(run, step) == Found::pending;
    const Found found = settled(run, step);
    if (found == Found::done && begun) return;
    if (found != Found::done) run.changed = changed_before;
    throw;
  }
}

// Whether there is nothing left to do.
bool settled_already(Run& run, const plan::Step& step) {
  if (step.postcheck.empty()) {
    if (!run.states[step.id].intent) return false;
    stop(run, step, "an earlier attempt at it was cut off, and its outcome can't be told from the catalog",
         "Look at the database, then say which: lockstep resolve " + step.id + " --applied | --undone.");
  }
  return settled(run, step) == Found::done;
}

}  // namespace

void run_outside(Run& run, const plan::Step& step) {
  const PinnedSession pinned(run, step);
  const std::string state = "Nothing of the step was left behind, or the next attempt removes or finishes it.";
  with_lock_retries(run, step, state, [&](std::chrono::milliseconds lock_timeout) {
    if (keeps_others_waiting(step)) pin_settings(run.session(), lock_timeout, false);
    if (settled_already(run, step)) return;
    run.states[step.id].intent = false;  // the postcheck has settled an earlier attempt's intent
    attempt_outside(run, step);
  });
  if (!step.postcheck.empty() && probe(run, step) != Found::done) {
    stop(run, step, "it ran without an error, but its result is not there", state);
  }
  settle(run, step, "executed");
  crash_point(step.id, "after-settled");
}

}  // namespace lockstep::executor
