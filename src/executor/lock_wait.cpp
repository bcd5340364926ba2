// How a step gets its locks without making others wait.
//
// If a request for a lock stronger than SHARE UPDATE EXCLUSIVE has to wait, everybody queues behind it. So nothing is requested
// before pg_locks shows that no old transaction has a conflicting lock, and an attempt lasts at most 250 ms. Two cases need a
// longer attempt: autovacuum, which gives up only if somebody has waited for deadlock_timeout, and a table whose transactions
// always overlap. A long attempt is made at most once a minute, and it is reported.
#include <algorithm>
#include <map>

#include "executor/blockers.h"
#include "executor/run.h"

namespace lockstep::executor {

namespace {

using plan::LockMode;
using std::chrono::milliseconds;
using support::DatabaseError;

constexpr milliseconds kPoll{100};
constexpr milliseconds kOld{1000};  // a transaction of this age is more likely to stay than to end
constexpr milliseconds kTellEvery{1000};
constexpr milliseconds kBetweenLongAttempts{60000};
constexpr milliseconds kWeakPatience{30000};
constexpr int kShortAttemptsFirst = 4;

class Attempts {
 public:
  Attempts(Run& run, const plan::Step& step, const std::string& state)
      : run_(run), step_(step), state_(state), strong_(keeps_others_waiting(step)), ladder_(ladder_of(run, strong_)) {
    const milliseconds one = 2 * std::max(run.settings.lock_timeout, milliseconds(1));
    patience_ = strong_ ? one * (run.settings.lock_retries + 1) : kWeakPatience;
  }

  // lock_timeout of the next attempt; nullopt: no attempts are left
  std::optional<milliseconds> next() {
    const auto rung = ladder_.next();
    if (!rung) return std::nullopt;
    if (last_) {
      run_.output.message(step_.id + ": " + last_->facts().message + "; trying again in " + std::to_string(rung->pause.count()) +
                          " ms");
    }
    pause(run_, step_, state_, rung->pause);
    if (!run_.session().connected()) return rung->timeout;
    // An old lock that a batch's request would have to wait for is rare, and there are thousands of batches.
    if (step_.mode == plan::TransactionMode::batches && !last_) return rung->timeout;
    const bool autovacuum = await_old_transactions();
    const bool needed = autovacuum || ladder_.attempts() > kShortAttemptsFirst;
    return strong_ && needed && long_attempt_due() ? long_attempt(autovacuum) : rung->timeout;
  }

  void failed(const DatabaseError& error) {
    if (error.sqlstate() == "57014") stop_if_interrupted(run_, step_, state_);
    if (!error.retryable() || error.facts().connection_lost) stop(run_, step_, error, state_);
    last_ = error;
  }

  [[noreturn]] void give_up() {
    const std::string blockers = run_.watch->last_blockers();
    stop(run_, step_,
         last_->facts().message + " [" + last_->sqlstate() + "] after " + std::to_string(ladder_.attempts()) + " attempts" +
             (blockers.empty() ? "" : "; in the way: " + blockers),
         state_, last_->sqlstate());
  }

 private:
  static LockLadder ladder_of(const Run& run, bool strong) {
    const Settings& settings = run.settings;
    if (strong) return LockLadder::of_short_rungs(settings.lock_timeout, settings.lock_retries, run.random);
    return LockLadder(settings.lock_timeout, run.deadlock_timeout, settings.lock_retries, run.random);
  }

  bool long_attempt_due() const {
    return !run_.long_attempt || run_.use.clock.now() - *run_.long_attempt >= kBetweenLongAttempts;
  }

  milliseconds long_attempt(bool autovacuum) {
    const milliseconds timeout = std::max(run_.settings.lock_timeout, LockLadder::above(run_.deadlock_timeout));
    run_.long_attempt = run_.use.clock.now();
    run_.output.message(step_.id + ": asks for its locks for up to " + std::to_string(timeout.count()) +
                        " ms, longer than deadlock_timeout, " +
                        (autovacuum ? "so that autovacuum gives way" : "since short attempts met other transactions every time") +
                        "; others may have to wait that long (at most once a minute)");
    return timeout;
  }

  // Returns when no old transaction has a conflicting lock, or none but autovacuum if it is time for a long attempt (true). The
  // time spent here is limited for all attempts together: after that, a step with strong requests ends, and weak requests,
  // which harm nobody, are made.
  bool await_old_transactions() {
    milliseconds waited{0};
    milliseconds told = -kTellEvery;
    for (;; waited += kPoll, patience_ -= kPoll) {
      std::string old;
      bool others = false, autovacuum = false;
      for (const Conflict& conflict : conflicts_with(run_.session(), step_)) {
        if (!strong_ && conflict.autovacuum) continue;
        if (!is_old(conflict, waited)) continue;
        old += (old.empty() ? "" : "; ") + conflict.who;
        (conflict.autovacuum ? autovacuum : others) = true;
      }
      if (old.empty()) return false;
      if (!others && autovacuum && long_attempt_due()) return true;
      if (patience_.count() <= 0) {
        if (!strong_) return false;
        stop(run_, step_,
             "its locks were not asked for, since others would have had to queue behind the request; in the way: " + old, state_,
             "55P03");
      }
      if (waited - told >= kTellEvery) {
        run_.output.step_waiting(step_, old, waited);
        told = waited;
      }
      pause(run_, step_, state_, kPoll);
    }
  }

  // If a transaction's age is hidden, it counts as old after it was observed for long enough; so the first check waits that
  // long.
  bool is_old(const Conflict& conflict, milliseconds waited) {
    if (conflict.age) return *conflict.age >= kOld;
    const auto now = run_.use.clock.now();
    const auto seen = seen_.emplace(conflict.transaction, now).first->second;
    return waited < kOld || now - seen >= kOld;
  }

  Run& run_;
  const plan::Step& step_;
  const std::string& state_;
  bool strong_;
  LockLadder ladder_;
  milliseconds patience_{0};
  std::optional<DatabaseError> last_;
  // transactions with hidden age, and when they were first seen
  std::map<std::string, std::chrono::steady_clock::time_point> seen_;
};

}  // namespace

bool keeps_others_waiting(const plan::Step& step) {
  if (step.mode == plan::TransactionMode::inside && step.locks.empty()) return true;
  return std::any_of(step.locks.begin(), step.locks.end(),
                     [](const plan::RelationLock& lock) { return lock.mode > LockMode::share_update_exclusive; });
}

void with_lock_retries(Run& run, const plan::Step& step, const std::string& state,
                       const std::function<void(milliseconds)>& attempt) {
  Attempts attempts(run, step, state);
  while (const auto timeout = attempts.next()) {
    try {
      const Watch::Scope scope(*run.watch, step);
      attempt(*timeout);
      return;
    } catch (const DatabaseError& error) {
      attempts.failed(error);
    } catch (const BackupError& error) {
      stop(run, step, std::string("the backup could not be written, so nothing is lost: ") + error.what(), state);
    }
  }
  attempts.give_up();
}

}  // namespace lockstep::executor
