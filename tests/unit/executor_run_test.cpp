#include <catch2/catch.hpp>
#include <thread>

#include "executor/preflight.h"
#include "executor_fixture.h"

using namespace executor_test;
using Names = std::vector<std::string>;

TEST_CASE("a plan of every mode is run, saved and told") {
  const Database database(kShop);
  Bench bench(database);
  const auto report = bench.execute(shop_plan(database));
  CHECK(report.steps_done == 4);
  CHECK(report.rows_backfilled == 500);
  CHECK(bench.output.done == Names{"s01", "s02", "s03", "s04"});
  CHECK(bench.output.saved == Names{"shop.orders.total:500"});
  CHECK(report.backups.size() == 1);
  CHECK(text(*bench.session, "SELECT count(*) FROM shop.orders WHERE country = 'US'") == "500");
  CHECK(text(*bench.session, "SELECT rows FROM (SELECT row_count AS rows FROM lockstep.backup) b") == "500");
  CHECK(text(*bench.session, "SHOW lock_timeout") == "10s");
  CHECK(text(*bench.session, "SHOW search_path") == "pg_catalog, pg_temp");
}

TEST_CASE("a failing first step changes nothing; a failing later one is resumed") {
  const Database database(kShop);
  Bench bench(database);
  plan::Plan plan = plan_of(database, {inside("s01", "first", {"CREATE TABLE shop.a ()"}),
                                       inside("s02", "second", {"CREATE TABLE shop.b ()", "CREATE TABLE shop.blocked ()"})});
  std::swap(plan.steps[0], plan.steps[1]);
  bench.session->execute("CREATE TABLE shop.blocked ()");
  Failure failure = failure_of([&] { bench.execute(plan); });
  CHECK(failure.code == support::ExitCode::failed);
  CHECK_THAT(failure.message,
             Catch::Contains("s02") && Catch::Contains("already exists") && Catch::Contains("Nothing was changed"));
  CHECK_FALSE(executor::open_run(*bench.session));
  CHECK(executor::runs(*bench.session)[0].state == "failed");
  CHECK(text(*bench.session, "SELECT to_regclass('shop.b') IS NULL") == "t");

  std::swap(plan.steps[0], plan.steps[1]);
  failure = failure_of([&] { bench.execute(plan); });
  CHECK(failure.code == support::ExitCode::partial);
  CHECK_THAT(failure.message, Catch::Contains("1 of 2 steps") && Catch::Contains("to resume"));
  const auto open = executor::open_run(*bench.session);
  REQUIRE(open);
  CHECK(open->state == "failed");
  CHECK_THAT(open->last_error, Catch::Contains("already exists"));
  bench.session->execute("DROP TABLE shop.blocked");
  CHECK(bench.execute(plan).run_id == open->id);  // the same plan again resumes
  CHECK(bench.output.resumed);
  CHECK(executor::runs(*bench.session).size() == 2);
  CHECK(executor::verify_journal(*bench.session).empty());
}

TEST_CASE("a new plan supersedes an unfinished run") {
  const Database database(kShop);
  Bench bench(database);
  CHECK(failure_of([&] {
          bench.execute(plan_of(database, {inside("s01", "a", {"CREATE TABLE shop.a ()"}), inside("s02", "b", {"nonsense"})}));
        }).code == support::ExitCode::partial);
  const auto old = executor::open_run(*bench.session);
  bench.execute(plan_of(database, {inside("s01", "c", {"CREATE TABLE shop.c ()"})}));
  const auto runs = executor::runs(*bench.session);
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].state == "done");
  CHECK(runs[1].state == "superseded");
  auto use = bench.use();
  CHECK(failure_of([&] { executor::resume(*old, bench.settings, use); }).code == support::ExitCode::failed);
}

TEST_CASE("data that breaks the new rule is found before the first step, with its keys") {
  const Database database(kShop);
  Bench bench(database);
  plan::Step step = inside("s02", "note not null", {"ALTER TABLE shop.orders ALTER note SET NOT NULL"});
  step.checks = {{"every shop.orders.note has a value", "SELECT count(*) FROM orders WHERE note IS NULL",
                  "SELECT id FROM orders WHERE note IS NULL ORDER BY id LIMIT 5", true}};
  step.search_path = {"shop"};
  const plan::Plan plan = plan_of(database, {inside("s01", "a", {"CREATE TABLE shop.a ()"}), step});
  Failure failure = failure_of([&] { bench.execute(plan); });
  CHECK(failure.code == support::ExitCode::failed);
  CHECK_THAT(failure.message, Catch::Contains("every shop.orders.note has a value: 166 rows break it (3, 6, 9, 12, 15, …)"));
  CHECK(text(*bench.session, "SELECT to_regnamespace('lockstep') IS NULL") == "t");

  plan::Plan later = plan;
  later.steps[1].checks[0].upfront = false;
  failure = failure_of([&] { bench.execute(later); });
  CHECK(failure.code == support::ExitCode::partial);
  CHECK_THAT(failure.message, Catch::Contains("166 rows break it"));
  bench.session->execute("UPDATE shop.orders SET note = '' WHERE note IS NULL");
  bench.finish(later);
  CHECK(executor::runs(*bench.session)[0].state == "done");
}

TEST_CASE("a second run is told who holds the lock") {
  const Database database(kShop);
  Bench bench(database);
  const auto other = database.connect();
  other->execute("SET application_name = 'lockstep/12345678/s01'");
  const auto held = executor::RunLock::acquire(*other);
  const Failure failure =
      failure_of([&] { executor::RunLock::acquire(*bench.session, executor::system_clock(), std::chrono::milliseconds(0)); });
  CHECK(failure.code == support::ExitCode::locked);
  CHECK_THAT(failure.message, Catch::Contains("pid " + std::to_string(other->backend_pid())) &&
                                  Catch::Contains("lockstep/12345678/s01") && Catch::Contains("since 20"));
}

TEST_CASE("the run lock is given back, and nests in one session") {
  const Database database;
  const auto first = database.connect();
  const auto second = database.connect();
  {
    const auto outer = executor::RunLock::acquire(*first);
    { const auto inner = executor::RunLock::acquire(*first); }
    CHECK(failure_of([&] { executor::RunLock::acquire(*second, executor::system_clock(), std::chrono::milliseconds(0)); }).code ==
          support::ExitCode::locked);
  }
  CHECK_NOTHROW(executor::RunLock::acquire(*second));
}

TEST_CASE("a killed run's statement is waited for") {
  const Database database;
  const auto orphan = database.connect();
  orphan->execute("SET application_name = 'lockstep/0badcafe/s01'");
  std::thread working([&] { orphan->execute("SELECT pg_sleep(1)"); });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const auto session = database.connect();
  const auto begun = std::chrono::steady_clock::now();
  const auto lock = executor::RunLock::acquire(*session);
  CHECK(std::chrono::steady_clock::now() - begun > std::chrono::milliseconds(500));
  working.join();
}

TEST_CASE("a step waits for its lock in short attempts and names who stands in the way") {
  const Database database(kShop);
  Bench bench(database);
  bench.settings.lock_retries = 3;
  plan::Step step = inside("s01", "add column", {"ALTER TABLE shop.orders ADD COLUMN x int"});
  const plan::Plan plan = plan_of(database, {step});
  const auto reader = database.connect();
  reader->execute("SET application_name = 'nightly'");
  reader->execute("BEGIN");
  reader->execute("SELECT count(*) FROM shop.orders");
  const Failure failure = failure_of([&] { bench.execute(plan); });
  CHECK(failure.code == support::ExitCode::failed);
  CHECK_THAT(failure.message, Catch::Contains("55P03") && Catch::Contains("after 4 attempts") && Catch::Contains("nightly") &&
                                  Catch::Contains("idle in transaction"));
  CHECK_FALSE(bench.output.waited_for.empty());

  std::thread leaves([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    reader->execute("COMMIT");
  });
  bench.settings.lock_retries = 30;
  bench.execute(plan);
  leaves.join();
  CHECK(executor::runs(*bench.session)[0].state == "done");
}

TEST_CASE("an old transaction in the way is waited for before anybody has to queue") {
  const Database database(kShop);
  Bench bench(database);
  plan::Step step = inside("s01", "add column", {"ALTER TABLE shop.orders ADD COLUMN x int"});
  step.locks = {{"shop.orders", plan::LockMode::access_exclusive}};
  const auto reader = database.connect();
  reader->execute("BEGIN");
  reader->execute("SELECT count(*) FROM shop.orders");
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));
  std::thread leaves([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    reader->execute("COMMIT");
  });
  bench.execute(plan_of(database, {step}));
  leaves.join();
  CHECK_FALSE(bench.output.waited_for.empty());
  CHECK(bench.output.messages.empty());  // no attempt had to be given up
}

TEST_CASE("an index left invalid by a failed build is removed, and the next attempt builds it") {
  const Database database(kShop);
  Bench bench(database);
  bench.session->execute("UPDATE shop.orders SET note = 'same' WHERE id < 3");
  plan::Step index = concurrent_index("s01", "shop", "orders_note", "shop.orders (note)");
  index.sql = {"CREATE UNIQUE INDEX CONCURRENTLY orders_note ON shop.orders (note)"};
  const plan::Plan plan = plan_of(database, {index});
  const Failure failure = failure_of([&] { bench.execute(plan); });
  CHECK(failure.code == support::ExitCode::failed);
  CHECK_THAT(failure.message, Catch::Contains("23505"));
  CHECK(text(*bench.session, "SELECT to_regclass('shop.orders_note') IS NULL") == "t");

  CHECK_THROWS(testing::any_sql(*bench.session, index.sql[0]));  // somebody else's carcass of that name
  bench.session->execute("UPDATE shop.orders SET note = NULL WHERE id = 1");
  bench.execute(plan);
  CHECK(text(*bench.session, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'shop.orders_note'::regclass") == "t");
}

TEST_CASE("a step outside a transaction that can't be probed is settled by hand") {
  const Database database(kShop);
  Bench bench(database);
  plan::Step step = inside("s02", "vacuum", {"VACUUM shop.orders"});
  step.mode = plan::TransactionMode::outside;
  plan::Plan plan = plan_of(database, {inside("s01", "a", {"CREATE TABLE shop.a ()"}), step});
  plan.steps[1].sql = {"VACUUM shop.missing"};
  CHECK(failure_of([&] { bench.execute(plan); }).code == support::ExitCode::partial);
  auto open = executor::open_run(*bench.session);
  REQUIRE(open);
  const Failure failure = failure_of([&] { bench.finish(plan); });
  CHECK_THAT(failure.message, Catch::Contains("lockstep resolve s02"));
  CHECK_THROWS_AS(executor::resolve_step(*bench.session, *open, "s09", true), support::UsageError);
  CHECK_THROWS_AS(executor::resolve_step(*bench.session, *open, "s01", true), support::UsageError);
  executor::resolve_step(*bench.session, *open, "s02", true);
  bench.finish(plan);
  CHECK(executor::runs(*bench.session)[0].state == "done");
  CHECK(executor::verify_journal(*bench.session).empty());
}

TEST_CASE("missing rights are told at once, before any change") {
  const Database database(kShop);
  const auto admin = database.connect();
  const std::string nobody = unique_name();
  testing::any_sql(*admin, "CREATE ROLE " + nobody + " LOGIN; GRANT USAGE ON SCHEMA shop TO " + nobody);
  {
    Bench bench(database);
    testing::any_sql(*bench.session, "SET SESSION AUTHORIZATION " + nobody);
    plan::Plan plan = shop_plan(database);
    plan.steps[0].produces = {{catalog::intern_kind("table"), {"shop", "fresh"}}};
    const Failure failure = failure_of([&] { bench.execute(plan); });
    CHECK(failure.code == support::ExitCode::failed);
    CHECK_THAT(failure.message, Catch::Contains("CREATE ON DATABASE") && Catch::Contains("shop.orders belongs to") &&
                                    Catch::Contains("SELECT, UPDATE ON shop.orders") &&
                                    Catch::Contains("CREATE ON SCHEMA shop") && Catch::Contains("nothing was changed"));
  }
  CHECK(executor::missing_privileges(*admin, shop_plan(database)).empty());
  testing::any_sql(*admin, "REVOKE ALL ON SCHEMA shop FROM " + nobody + "; DROP ROLE " + nobody);
}

TEST_CASE("a plan that breaks its promises is refused") {
  const Database database(kShop);
  Bench bench(database);
  const plan::Step good = inside("s01", "a", {"SELECT 1"});
  CHECK(failure_of([&] { bench.execute(plan_of(database, {good, good})); }).code == support::ExitCode::failed);
  plan::Step two = good;
  two.mode = plan::TransactionMode::outside;
  two.sql.push_back("SELECT 2");
  CHECK(failure_of([&] { bench.execute(plan_of(database, {two})); }).code == support::ExitCode::failed);
  CHECK(executor::runs(*bench.session).empty());
}

TEST_CASE("a run stops at the gate before a later phase, is open there, and goes on") {
  const Database database(kShop);
  Bench bench(database);
  const plan::Plan plan = shop_plan(database);  // expand, migrate, expand, contract
  const auto go = [&](plan::Phase until) {
    bench.settings.until = until;
    return bench.execute(plan);
  };
  CHECK(go(plan::Phase::expand).waits_before == plan::Phase::migrate);
  CHECK(bench.output.done == Names{"s01"});
  CHECK(bench.output.phases.empty());  // s03 is left
  auto run = executor::open_run(*bench.session);
  REQUIRE(run);
  CHECK(run->state == "at the gate");
  CHECK(run->waits());
  CHECK(run->finished.empty());
  CHECK(run->next == plan::Phase::migrate);
  CHECK(run->until == plan::Phase::expand);

  bench.output.on_phase = [] { throw support::CommandError(support::ExitCode::partial, "a hook failed"); };
  CHECK(failure_of([&] { go(plan::Phase::migrate); }).message == "a hook failed");
  CHECK(bench.output.phases == Names{"migrate"});
  run = executor::open_run(*bench.session);
  REQUIRE(run);
  CHECK(run->state == "running");
  CHECK(run->until == plan::Phase::migrate);
  bench.output.on_phase = {};
  CHECK(go(plan::Phase::migrate).waits_before == plan::Phase::contract);
  CHECK(bench.output.done == Names{"s01", "s02", "s03"});
  CHECK(bench.output.phases == Names{"migrate", "migrate", "expand"});
  CHECK(text(*bench.session, "SELECT count(total) FROM shop.orders") == "500");
  CHECK(go(plan::Phase::migrate).waits_before == plan::Phase::contract);

  CHECK_FALSE(go(plan::Phase::contract).waits_before);
  CHECK(executor::runs(*bench.session).size() == 1);
  CHECK(executor::runs(*bench.session)[0].state == "done");
  CHECK_FALSE(executor::open_run(*bench.session));
  CHECK(bench.output.phases.back() == "contract");
  CHECK(executor::verify_journal(*bench.session).empty());
}
