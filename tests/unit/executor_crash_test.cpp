// kill -9 at every point of every step, and a connection that breaks at the n-th call: the end is always the same.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "executor/backup.h"
#include "executor_fixture.h"

using namespace executor_test;

namespace {

// Ends the connection at the n-th call: before the call reaches the server, or after it was carried out there.
class BreakingSession : public Session {
 public:
  enum class When { before, after };
  BreakingSession(std::unique_ptr<Session> inner, int calls, When when) : inner_(std::move(inner)), left_(calls), when_(when) {}
  postgres::Result run(Text sql) override {
    return call([&] { return inner_->run(sql); });
  }
  postgres::Result run(Text sql, const postgres::Parameters& parameters) override {
    return call([&] { return inner_->run(sql, parameters); });
  }
  std::int64_t run_copy_out(Text sql, const std::function<void(std::string_view)>& sink) override {
    return call([&] { return inner_->run_copy_out(sql, sink); });
  }
  std::int64_t run_copy_in(Text sql, const std::function<std::string()>& source) override {
    return call([&] { return inner_->run_copy_in(sql, source); });
  }
  std::vector<postgres::Notice> take_notices() override { return {}; }
  int server_version() const override { return 150000; }
  int backend_pid() const override { return inner_ ? inner_->backend_pid() : 0; }
  void cancel() override {}
  bool connected() const override { return inner_ != nullptr; }

 private:
  template <class Function>
  auto call(Function function) -> decltype(function()) {
    if (!inner_) lose();
    if (--left_ != 0) return function();
    if (when_ == When::after) function();
    inner_.reset();
    lose();
  }
  [[noreturn]] static void lose() {
    support::DatabaseError::Facts facts;
    facts.message = "injected";
    facts.connection_lost = true;
    throw support::DatabaseError(facts);
  }
  std::unique_ptr<Session> inner_;
  int left_;
  When when_;
};

// Without the watching thread's connection: fewer servers' worth of noise in many hundred trials.
executor::Dependencies alone(Session& session, executor::Output& output) {
  return {session, {}, executor::system_clock(), output};
}

void check_end(Bench& bench, const std::string& expected) {
  CHECK(shop_state(*bench.session) == expected);
  CHECK(executor::verify_journal(*bench.session) == "");
  CHECK(executor::runs(*bench.session)[0].state == "done");
  const auto backups = executor::list_backups(bench.backups.path());
  std::int64_t rows = 0;
  for (const auto& backup : backups) {
    CHECK(executor::verify_backup(backup.folder).empty());
    for (const auto& file : backup.files) rows = std::max(rows, file.rows);
  }
  CHECK(rows == 500);
}

}  // namespace

TEST_CASE("kill -9 at every point of every step, run again: same end") {
  const Database base(kShop);
  std::string expected;
  {
    const Database database("", base.name());
    Bench bench(database);
    bench.execute(shop_plan(database));
    expected = shop_state(*bench.session);
    check_end(bench, expected);
  }
  int killed = 0;
  for (const char* step : {"s01", "s02", "s03", "s04"}) {
    for (const char* point : {"before-journal", "after-intent", "after-backup", "before-exec", "after-exec", "before-commit",
                              "after-commit", "after-settled"}) {
      const std::string at = std::string(step) + ":" + point;
      INFO(at);
      const Database database("", base.name());
      Bench bench(database);
      const pid_t child = fork();
      if (child == 0) {
        setenv("LOCKSTEP_CRASH_AT", at.c_str(), 1);
        Recorder output;
        const auto session = database.connect();
        auto use = alone(*session, output);
        try {
          executor::execute(shop_plan(database), {}, bench.settings, use);
        } catch (const std::exception&) {
          _exit(1);
        }
        _exit(0);
      }
      int status = 0;
      waitpid(child, &status, 0);
      const bool died = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
      CHECK((died || (WIFEXITED(status) && WEXITSTATUS(status) == 0)));
      killed += died ? 1 : 0;
      bench.finish(shop_plan(database));
      check_end(bench, expected);
    }
  }
  CHECK(killed == 4 * 8 - 2);  // nothing is saved in s02 and s03
}

namespace {

// Breaks at the first call, the second … until a run gets through untouched.
void break_at_every_call(BreakingSession::When when) {
  const Database base(kShop);
  std::string expected;
  {
    const Database database("", base.name());
    Bench bench(database);
    bench.execute(shop_plan(database));
    expected = shop_state(*bench.session);
  }
  int call = 0;
  for (bool broke = true; broke;) {
    ++call;
    INFO("at call " << call);
    const Database database("", base.name());
    Bench bench(database);
    BreakingSession session(database.connect(), call, when);
    Recorder output;
    auto use = alone(session, output);
    const Failure failure = failure_of([&] { executor::execute(shop_plan(database), {}, bench.settings, use); });
    broke = !session.connected();
    if (failure.code != support::ExitCode::done) {
      const bool untouched = shop_state(*bench.session).find("country") == std::string::npos;
      if (!untouched) CHECK(failure.code == support::ExitCode::partial);
      if (failure.code == support::ExitCode::failed) CHECK(untouched);
    }
    bench.finish(shop_plan(database));
    check_end(bench, expected);
    REQUIRE(call < 500);
  }
  CHECK(call > 50);
}

}  // namespace

TEST_CASE("a connection that breaks before the n-th call reaches the server: same end") {
  break_at_every_call(BreakingSession::When::before);
}

TEST_CASE("a connection that breaks after the n-th call was carried out: same end") {
  break_at_every_call(BreakingSession::When::after);
}
