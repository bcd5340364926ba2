// A real server for the executor's tests: the embedded one, a database per test made from a seeded template.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>

#include "any_sql.h"
#include "executor/executor.h"
#include "plan/plan_file.h"
#include "postgres/embedded_server.h"
#include "session/session.h"
#include "support/error.h"

namespace executor_test {

using namespace lockstep;
using postgres::Session;

// Databases of a test process that was killed are dropped by the next one.
inline std::unique_ptr<postgres::EmbeddedServer> started() {
  auto instance = postgres::EmbeddedServer::start(0);
  const auto admin = postgres::connect(instance->url("postgres"), "lockstep test");
  const auto left =
      admin->query("SELECT datname, split_part(datname, '_', 2) FROM pg_database WHERE datname ~ '^exec_[0-9]+_[0-9]+$'", {});
  for (std::size_t row = 0; row < left.size(); ++row) {
    const bool alive = kill(static_cast<pid_t>(left.integer(row, 1)), 0) == 0 || errno != ESRCH;
    if (!alive) testing::any_sql(*admin, "DROP DATABASE IF EXISTS " + left.text(row, 0) + " WITH (FORCE)");
  }
  return instance;
}

inline postgres::EmbeddedServer& server() {
  static const auto instance = started();
  return *instance;
}

inline std::string unique_name() {
  static std::atomic<int> count{0};
  return "exec_" + std::to_string(getpid()) + "_" + std::to_string(++count);
}

// Dropped at the end of the test.
class Database {
 public:
  explicit Database(const std::string& seed = {}, const std::string& template_name = "template0") : name_(unique_name()) {
    testing::any_sql(*admin(), "CREATE DATABASE " + name_ + " TEMPLATE " + template_name);
    if (!seed.empty()) testing::any_sql(*connect(), seed);
  }
  ~Database() { testing::any_sql(*admin(), "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)"); }
  Database(const Database&) = delete;
  const std::string& name() const { return name_; }
  std::string url() const { return server().url(name_); }
  std::unique_ptr<Session> connect() const { return postgres::connect(url(), "lockstep test"); }
  static std::unique_ptr<Session> admin() { return postgres::connect(server().url("postgres"), "lockstep test"); }

 private:
  std::string name_;
};

class TemporaryFolder {
 public:
  TemporaryFolder() : path_((std::filesystem::temp_directory_path() / unique_name()).string()) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Recorder : executor::Output {
  void run_started(std::size_t, const std::string&, bool is_resumed) override { resumed = is_resumed; }
  void step_started(const plan::Step& step, std::size_t) override { started.push_back(step.id); }
  void step_progress(const plan::Step&, const executor::Progress& now) override {
    progress.push_back(now);
    if (on_progress) on_progress();
  }
  void step_waiting(const plan::Step&, const std::string& who, std::chrono::milliseconds) override { waited_for.push_back(who); }
  void step_done(const plan::Step& step, std::size_t, std::chrono::milliseconds) override { done.push_back(step.id); }
  void backed_up(const std::string& object, std::int64_t rows, std::int64_t, const std::string&) override {
    saved.push_back(object + ":" + std::to_string(rows));
  }
  void phase_over(plan::Phase phase) override {
    phases.emplace_back(to_string(phase));
    if (on_phase) on_phase();
  }
  void message(const std::string& line) override { messages.push_back(line); }
  std::function<void()> on_phase;
  std::function<void()> on_progress;
  bool resumed = false;
  std::vector<std::string> started, done, saved, messages, waited_for, phases;
  std::vector<executor::Progress> progress;
};

// One run's external_objects.
struct Bench {
  explicit Bench(const Database& in) : database(in), session(in.connect()) {
    settings.backup_folder = backups.path();
    settings.lock_retries = 6;
    settings.lock_timeout = std::chrono::milliseconds(300);
    settings.by = "tester";
  }
  executor::Dependencies use() {
    return {*session, [this] { return database.connect(); }, executor::system_clock(), output};
  }
  executor::Report execute(const plan::Plan& plan, const std::vector<plan::Hazard>& consented = {}) {
    auto dependencies = use();
    return executor::execute(plan, consented, settings, dependencies);
  }
  // As a user would: the same again, until the run is done.
  void finish(const plan::Plan& plan) {
    const auto open = executor::open_run(*session);
    const auto all = executor::runs(*session);
    auto dependencies = use();
    if (open) {
      executor::resume(*open, settings, dependencies);
    } else if (all.empty() || all.front().state != "done") {
      executor::execute(plan, {}, settings, dependencies);
    }
  }
  const Database& database;
  std::unique_ptr<Session> session;
  TemporaryFolder backups;
  Recorder output;
  executor::Settings settings;
};

inline std::string text(Session& session, const std::string& sql) {
  return testing::any_sql(session, sql).text(0, 0);
}

// The exit code of a call that must fail, and its message.
struct Failure {
  support::ExitCode code = support::ExitCode::done;
  std::string message;
};
template <class Function>
Failure failure_of(Function function) {
  try {
    function();
  } catch (const support::CommandError& error) {
    return {error.code(), error.what()};
  }
  return {};
}

inline plan::Step inside(std::string id, std::string title, std::vector<std::string> sql) {
  plan::Step step;
  step.id = std::move(id);
  step.title = std::move(title);
  step.sql = std::move(sql);
  return step;
}

inline plan::Step concurrent_index(std::string id, const std::string& schema, const std::string& name, const std::string& on) {
  plan::Step step = inside(std::move(id), "create index " + name, {"CREATE INDEX CONCURRENTLY " + name + " ON " + on});
  step.mode = plan::TransactionMode::outside;
  step.builds = true;
  const std::string found =
      "(SELECT i.indisvalid FROM pg_index i WHERE i.indexrelid = to_regclass('" + schema + "." + name + "'))";
  step.postcheck = "SELECT CASE WHEN " + found + " THEN 'done' WHEN NOT " + found + " THEN 'partial' ELSE 'absent' END";
  step.repair = "DROP INDEX CONCURRENTLY " + schema + "." + name;
  return step;
}

inline plan::Step backfill(std::string id, const std::string& schema, const std::string& table, const std::string& assignment,
                           const std::string& pending) {
  plan::Step step;
  step.id = std::move(id);
  step.title = "fill " + table;
  step.phase = plan::Phase::migrate;
  step.mode = plan::TransactionMode::batches;
  step.batches = {schema, table, assignment, pending};
  return step;
}

inline plan::Plan plan_of(const Database& database, std::vector<plan::Step> steps) {
  plan::Plan plan;
  plan.tool_version = "0.0.0-test";
  plan.target = {"1", database.name(), 1, 150000};
  plan.desired_fingerprint = "fingerprint";
  plan.steps = std::move(steps);
  plan.proved = true;
  return plan;
}

// Every mode and a loss: column added, filled, indexed; another column saved and dropped.
inline constexpr const char* kShop =
    "CREATE SCHEMA shop; CREATE TABLE shop.orders (id int PRIMARY KEY, total numeric, note text); "
    "INSERT INTO shop.orders SELECT i, i * 1.5, CASE i % 3 WHEN 0 THEN NULL ELSE E'line\\n\\t' || i END FROM generate_series(1, "
    "500) i";

inline plan::Plan shop_plan(const Database& database) {
  plan::Step drop = inside("s04", "drop column shop.orders.total", {"ALTER TABLE shop.orders DROP COLUMN total"});
  drop.phase = plan::Phase::contract;
  drop.losses = {{"drop-column", "shop.orders.total", "column shop.orders.total and its values", "shop.orders",
                  "SELECT id, total FROM shop.orders ORDER BY id"}};
  drop.locks = {{"shop.orders", plan::LockMode::access_exclusive}};
  return plan_of(database, {inside("s01", "add column shop.orders.country", {"ALTER TABLE shop.orders ADD COLUMN country text"}),
                            backfill("s02", "shop", "orders", "country = 'US'", "country IS NULL"),
                            concurrent_index("s03", "shop", "orders_country", "shop.orders (country)"), drop});
}

// What the shop looks like; equal for any two ways to the same end.
inline std::string shop_state(Session& session) {
  return text(
      session,
      "SELECT concat_ws('; ', (SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attname) FROM "
      "pg_attribute WHERE attrelid = 'shop.orders'::regclass AND attnum > 0 AND NOT attisdropped), "
      "(SELECT string_agg(indexrelid::regclass || ' ' || indisvalid, ', ' ORDER BY indexrelid::regclass::text) FROM pg_index "
      "WHERE indrelid = 'shop.orders'::regclass), (SELECT count(*) || ' ' || md5(string_agg(o::text, '|' ORDER BY id)) FROM "
      "(SELECT id, note, to_jsonb(x) ->> 'country' FROM shop.orders x) o))");
}

}  // namespace executor_test
