#include "executor/watch.h"

#include "executor/blockers.h"
#include "executor/interrupt.h"

namespace lockstep::executor {

namespace {

using std::chrono::milliseconds;

// The first check happens before the shortest rung of the lock ladder is over.
constexpr milliseconds kFirstLook{60};
constexpr milliseconds kInterval{150};
constexpr milliseconds kTellAgain{1000};

}  // namespace

Watch::Watch(Dependencies& use, Output& output, std::string application)
    : use_(use), output_(output), application_(std::move(application)), thread_([this] { loop(); }) {}

Watch::~Watch() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Watch::begin(const plan::Step* step) {
  {
    const std::lock_guard lock(mutex_);
    step_ = step;
    ++scope_;
    if (step && step != last_step_) blockers_.clear();
    if (step) last_step_ = step;
  }
  changed_.notify_all();
}

std::string Watch::last_blockers() {
  const std::lock_guard lock(mutex_);
  return blockers_;
}

// Uses real time on purpose, because what it watches happens on a server.
void Watch::loop() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    changed_.wait(lock, [this] { return stop_ || step_; });
    const unsigned scope = scope_;
    const auto begun = std::chrono::steady_clock::now();
    for (milliseconds pause = kFirstLook; !stop_ && step_ && scope == scope_; pause = kInterval) {
      if (changed_.wait_for(lock, pause, [&] { return stop_ || scope != scope_; })) break;
      if (interrupts() > 0) continue;  // the run is ending and waits for this thread
      const plan::Step* step = step_;
      lock.unlock();
      look(*step, std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun));
      lock.lock();
    }
  }
}

// `step` belongs to the plan and outlives the watch, so it is valid after its scope has ended.
void Watch::look(const plan::Step& step, milliseconds waited) {
  if (blind_) return;
  try {
    if (!eyes_) {
      blind_ = !use_.connect;
      if (blind_) return;
      eyes_ = use_.connect();
      eyes_->query("SELECT pg_catalog.set_config('application_name', $1, false)", {application_});
    }
    const std::string seen = blockers_of(*eyes_, use_.session.backend_pid());
    if (!seen.empty()) {
      bool tell = false;
      {
        const std::lock_guard lock(mutex_);
        tell = seen != blockers_ || waited % kTellAgain < kInterval;
        blockers_ = seen;
      }
      if (tell) output_.step_waiting(step, seen, waited);
    }
    if (step.builds && step.mode == plan::TransactionMode::outside) tell_build_progress(step);
  } catch (const std::exception&) {  // watching is optional: the work continues without it
    blind_ = true;
    eyes_.reset();
  }
}

void Watch::tell_build_progress(const plan::Step& step) {
  const auto rows = eyes_->query(
      "SELECT blocks_done, blocks_total, tuples_done, tuples_total FROM pg_catalog.pg_stat_progress_create_index WHERE pid = $1",
      {std::to_string(use_.session.backend_pid())});
  if (rows.empty()) return;
  const bool blocks = rows.integer(0, 1) > 0;
  Progress progress;
  progress.done = rows.integer(0, blocks ? 0 : 2);
  progress.total = rows.integer(0, blocks ? 1 : 3);
  progress.unit = blocks ? "blocks" : "rows";
  output_.step_progress(step, progress);
}

}  // namespace lockstep::executor
