#include "session/limited_session.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace lockstep::postgres {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using support::DatabaseError;

constexpr const char* kQueryCanceled = "57014";
// Our clock covers a whole message, which may contain several statements, and lets statement_timeout act first.
constexpr auto kGrace = milliseconds(500);
constexpr auto kBetweenCancels = milliseconds(500);
constexpr int kCancels = 2;  // after that the backend is terminated

std::string time_text(milliseconds time) {
  return time.count() % 1000 == 0 ? fmt::format("{} s", time.count() / 1000) : fmt::format("{} ms", time.count());
}

// Calls a function repeatedly once a deadline has passed.
class Watchdog {
 public:
  // `late(n)`: n counts from 1. Called from the watchdog's thread.
  explicit Watchdog(std::function<void(int)> late) : late_(std::move(late)), thread_([this] { watch(); }) {}
  ~Watchdog() {
    {
      const std::scoped_lock lock(mutex_);
      ended_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  void arm(Clock::time_point deadline) {
    {
      const std::scoped_lock lock(mutex_);
      armed_ = true;
      fired_ = 0;
      next_ = deadline;
    }
    changed_.notify_one();
  }
  // Returns how often the function was called. No call is active any more when this returns.
  int disarm() {
    const std::scoped_lock lock(mutex_);
    armed_ = false;
    return fired_;
  }

 private:
  void watch() {
    std::unique_lock lock(mutex_);
    while (!ended_) {
      if (!armed_) {
        changed_.wait(lock, [this] { return ended_ || armed_; });
      } else if (Clock::now() < next_) {
        const auto until = next_;
        changed_.wait_until(lock, until);
      } else {
        late_(++fired_);
        next_ = Clock::now() + kBetweenCancels;
      }
    }
  }

  std::function<void(int)> late_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Clock::time_point next_{};
  int fired_ = 0;
  bool armed_ = false, ended_ = false;
  std::thread thread_;  // last, because it uses everything above
};

class LimitedSession : public Session {
 public:
  LimitedSession(std::function<std::unique_ptr<Session>()> open, std::function<void(int)> end_backend, const TimeLimits& limits)
      : open_(std::move(open)),
        end_backend_(std::move(end_backend)),
        limits_(limits),
        inner_(opened()),
        watchdog_([this](int times) { times <= kCancels ? inner_->cancel() : end_backend_(inner_->backend_pid()); }) {}

 private:
  template <class Function>
  auto within(std::string_view sql, Function function) {
    const auto start = Clock::now();
    if (used_ >= limits_.total) throw DatabaseError(past_total(sql));
    const auto left = std::chrono::ceil<milliseconds>(limits_.total - used_);
    const bool by_total = left < limits_.statement + kGrace;
    watchdog_.arm(start + (by_total ? left : limits_.statement + kGrace));
    try {
      auto result = function();
      watchdog_.disarm();
      use(Clock::now() - start);
      return result;
    } catch (const DatabaseError& error) {
      const int late = watchdog_.disarm();
      use(Clock::now() - start);
      if (late == 0 && error.sqlstate() != kQueryCanceled) throw;
      if (!inner_->connected()) inner_ = opened();
      DatabaseError::Facts facts = by_total && late > 0 ? past_total(sql) : past_statement(sql);
      facts.context = error.facts().context;
      throw DatabaseError(std::move(facts));
    } catch (...) {
      watchdog_.disarm();
      throw;
    }
  }

 public:
  Result run(Text sql) override {
    return within(sql.view(), [&] { return inner_->run(sql); });
  }
  Result run(Text sql, const Parameters& parameters) override {
    return within(sql.view(), [&] { return inner_->run(sql, parameters); });
  }
  std::int64_t run_copy_out(Text sql, const std::function<void(std::string_view)>& sink) override {
    return within(sql.view(), [&] { return inner_->run_copy_out(sql, sink); });
  }
  std::int64_t run_copy_in(Text sql, const std::function<std::string()>& source) override {
    return within(sql.view(), [&] { return inner_->run_copy_in(sql, source); });
  }
  std::vector<Notice> take_notices() override { return inner_->take_notices(); }
  int server_version() const override { return inner_->server_version(); }
  int backend_pid() const override { return inner_->backend_pid(); }
  void cancel() override { inner_->cancel(); }
  bool connected() const override { return inner_->connected(); }

 private:
  std::unique_ptr<Session> opened() const {
    auto session = open_();
    session->execute("SET statement_timeout = " + support::Sql::number(limits_.statement.count()));
    return session;
  }

  // Without the time for ending a statement, so that the next one has its share.
  void use(Clock::duration time) { used_ += std::min<Clock::duration>(time, limits_.statement + kGrace); }

  DatabaseError::Facts past_statement(std::string_view sql) const {
    DatabaseError::Facts facts;
    facts.sqlstate = kQueryCanceled;
    facts.message =
        fmt::format("it took longer than {} on the scratch database, and was cancelled", time_text(limits_.statement));
    facts.hint =
        "a definition is tried on a scratch database, where it runs without rows; --shadow-timeout, or shadow_timeout of "
        "lockstep.yaml, allows more time for a statement";
    facts.statement = sql;
    return facts;
  }
  DatabaseError::Facts past_total(std::string_view sql) const {
    DatabaseError::Facts facts = past_statement(sql);
    facts.message = fmt::format("all statements on the scratch database together took longer than {} (ten times shadow_timeout)",
                                time_text(limits_.total));
    return facts;
  }

  std::function<std::unique_ptr<Session>()> open_;
  std::function<void(int)> end_backend_;
  const TimeLimits limits_;
  std::unique_ptr<Session> inner_;
  Clock::duration used_{};
  Watchdog watchdog_;  // last, because it uses inner_
};

}  // namespace

std::unique_ptr<Session> limit_time(std::function<std::unique_ptr<Session>()> open, std::function<void(int)> end_backend,
                                    const TimeLimits& limits) {
  return std::make_unique<LimitedSession>(std::move(open), std::move(end_backend), limits);
}

bool is_time_limit(const support::DatabaseError::Facts& facts) {
  return facts.sqlstate == kQueryCanceled;
}

}  // namespace lockstep::postgres
