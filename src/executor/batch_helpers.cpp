#include "executor/batch_helpers.h"

#include <algorithm>

#include "executor/interrupt.h"

namespace lockstep::executor {

namespace {

using std::chrono::milliseconds;
using support::DatabaseError;

constexpr milliseconds kMeasured{300};   // how long a number of workers is watched before it is changed
constexpr double kPays = 1.3;            // times faster than without it
constexpr std::int64_t kWorthIt = 1000;  // blocks that are left: less is done before a connection pays
constexpr int kFailures = 5;             // in a row
constexpr milliseconds kPatience{100};   // for a lock: others may wait for the rows of its batch meanwhile
constexpr milliseconds kAfterFailure{200};
constexpr milliseconds kPaused{50};

}  // namespace

void BatchHelpers::work_on(Batches& batches) {
  batches_ = &batches;
  since_.reset();
  for (const auto& helper : helpers_) start(*helper);
}

void BatchHelpers::end() {
  for (const auto& helper : helpers_) join(*helper);
  batches_ = nullptr;
}

void BatchHelpers::join(Helper& helper) {
  helper.stop = true;
  if (helper.thread.joinable()) helper.thread.join();
}

void BatchHelpers::start(Helper& helper) {
  helper.stop = false;
  helper.thread = std::thread([this, &helper, &batches = *batches_] { loop(helper, batches); });
}

// A batch of its own tells the working thread how fast all of them are.
void BatchHelpers::consider(std::int64_t rows_so_far) {
  if (enough_ || !run_.use.connect || batches_ == nullptr || batches_->ranges().untouched() < kWorthIt) return;
  const Time now = run_.use.clock.now();
  const std::int64_t rows = rows_so_far + rows_;
  if (!since_) {
    since_ = now;
    rows_then_ = rows;
    return;
  }
  if (now - *since_ < kMeasured) return;
  const double rate = static_cast<double>(rows - rows_then_) / std::chrono::duration<double>(now - *since_).count();
  since_.reset();
  if (rate <= 0) return;  // nothing to update here, so nothing to learn
  if (!helpers_.empty() && rate < kPays * rate_) {
    join(*helpers_.back());
    helpers_.pop_back();
    enough_ = true;
    return;
  }
  rate_ = rate;
  if (static_cast<int>(helpers_.size()) + 1 >= run_.settings.backfill_workers) {
    enough_ = true;
    return;
  }
  helpers_.push_back(std::make_unique<Helper>());
  start(*helpers_.back());
}

// A URL with several hosts may lead to another server: a helper works only where it sees the run's own lock.
bool BatchHelpers::connect(Helper& helper) {
  if (helper.session != nullptr && helper.session->connected()) return true;
  helper.session.reset();
  std::unique_ptr<postgres::Session> session = run_.use.connect();
  session->query("SELECT pg_catalog.set_config('application_name', $1, false)", {run_.application(step_.id)});
  const auto same = session->query(  // throws where there is no journal: then there is no session either
      "SELECT EXISTS (SELECT FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_database d ON d.oid = l.database "
      "WHERE l.locktype = 'advisory' AND l.granted AND l.pid = $1 AND d.datname = pg_catalog.current_database()) "
      "AND EXISTS (SELECT FROM lockstep.run r WHERE r.id::pg_catalog.text = $2)",
      {std::to_string(run_.session().backend_pid()), run_.id});
  if (!same.boolean(0, 0)) return false;  // and the next pass asks again
  helper.session = std::move(session);
  return true;
}

void BatchHelpers::loop(Helper& helper, Batches& batches) {
  try {
    if (!connect(helper)) return;
    BatchSize size(run_.settings.batch_time);
    int failures = 0;
    while (!helper.stop && interrupts() == 0 && !batches.moved() && batches.ranges().left()) {
      if (paused_) {
        std::this_thread::sleep_for(kPaused);
        continue;
      }
      try {
        rows_ += batches.one(*helper.session, size, std::min(run_.settings.lock_timeout, kPatience),
                             [](postgres::Transaction& transaction) { transaction.commit(); });
        failures = 0;
      } catch (const DatabaseError& error) {
        if (!error.retryable() || error.facts().connection_lost || ++failures >= kFailures) return;
        std::this_thread::sleep_for(kAfterFailure);
      }
    }
  } catch (const std::exception&) {  // the working thread does it, and reports what is wrong
  }
}

}  // namespace lockstep::executor
