#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <thread>

#include "executor/interrupt.h"
#include "executor_fixture.h"

using namespace executor_test;

namespace {

constexpr const char* kBig =
    "CREATE SCHEMA shop; CREATE TABLE shop.orders (id bigint, placed date NOT NULL, state text, pad text) PARTITION BY RANGE "
    "(placed);"
    "CREATE TABLE shop.orders_25 PARTITION OF shop.orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');"
    "CREATE TABLE shop.orders_26 PARTITION OF shop.orders FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY HASH "
    "(id);"
    "CREATE TABLE shop.orders_26a PARTITION OF shop.orders_26 FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
    "CREATE TABLE shop.\"Orders 26b\" PARTITION OF shop.orders_26 FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
    "INSERT INTO shop.orders SELECT i, date '2025-01-01' + (i % 700)::int, NULL, repeat('x', 40) FROM generate_series(1, 200000) "
    "i";

plan::Plan fill_plan(const Database& database) {
  return plan_of(database, {backfill("s01", "shop", "orders", "state = 'old'", "state IS NULL")});
}

}  // namespace

TEST_CASE("200,000 rows in partitions are filled while others write") {
  const Database database(kBig);
  Bench bench(database);
  bench.settings.batch_time = std::chrono::milliseconds(30);
  // What the recipe installs before: new and touched rows never stay pending.
  bench.session->execute(
      "CREATE FUNCTION shop.fill() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN new.state := coalesce(new.state, ''new''); RETURN "
      "new; END';"
      "CREATE TRIGGER fill BEFORE INSERT OR UPDATE ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.fill()");
  std::atomic<bool> stop{false};
  std::atomic<int> written{0};
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 2; ++writer) {
    writers.emplace_back([&, writer] {
      const auto session = database.connect();
      for (int i = 0; !stop; ++i) {
        const std::string id = std::to_string((i * 7919 + writer * 31) % 200000 + 1);
        testing::any_sql(
            *session, "UPDATE shop.orders SET pad = pad || 'y' WHERE ctid = (SELECT ctid FROM shop.orders_25 WHERE id = " + id +
                          " LIMIT 1) AND id = " + id);
        testing::any_sql(*session, "INSERT INTO shop.orders VALUES (" + std::to_string(1000000 + i) + ", '2026-03-01')");
        ++written;
      }
    });
  }
  const auto report = bench.execute(fill_plan(database));
  stop = true;
  for (auto& writer : writers) writer.join();
  CHECK(written > 0);
  CHECK(text(*bench.session, "SELECT count(*) FROM shop.orders WHERE state IS NULL") == "0");
  CHECK(text(*bench.session, "SELECT count(*) FROM shop.orders WHERE id <= 200000") == "200000");
  CHECK(report.rows_backfilled > 150000);
  CHECK(text(*bench.session, "SELECT count(DISTINCT detail ->> 'relation') FROM lockstep.event WHERE kind = 'batch'") == "3");
  CHECK(text(*bench.session, "SELECT count(*) > 5 FROM lockstep.event WHERE kind = 'batch'") == "t");
  REQUIRE_FALSE(bench.output.progress.empty());
  CHECK(bench.output.progress.back().done == report.rows_backfilled);
  CHECK(bench.output.progress.back().per_second > 0);
}

TEST_CASE("blocks without rows don't make the batches behind them long") {
  const Database database(
      "CREATE TABLE public.hollow (id bigint, state text, pad text) WITH (autovacuum_enabled = false);"
      "INSERT INTO public.hollow SELECT i, CASE WHEN i <= 160000 THEN 'old' END, repeat('x', 300) FROM generate_series(1, "
      "200000) i;"
      "ANALYZE public.hollow");
  Bench bench(database);
  bench.settings.batch_time = std::chrono::milliseconds(1000);  // so that empty blocks always take less
  bench.execute(plan_of(database, {backfill("s01", "public", "hollow", "state = 'old'", "state IS NULL")}));
  CHECK(text(*bench.session, "SELECT count(*) FROM public.hollow WHERE state IS NULL") == "0");
  const std::string sizes =
      "SELECT (detail ->> 'next')::int - coalesce(lag((detail ->> 'next')::int) OVER (ORDER BY id), 0) AS blocks, (detail ->> "
      "'rows')::int AS rows FROM lockstep.event WHERE kind = 'batch' AND detail ->> 'pass' = '1'";
  CHECK(text(*bench.session, "SELECT max(blocks) FROM (" + sizes + ") AS s WHERE rows = 0") == "64");
}

TEST_CASE("a killed backfill goes on behind its cursor; a rewritten table is begun again") {
  const Database database(kBig);
  Bench bench(database);
  bench.settings.batch_time = std::chrono::milliseconds(1);
  const pid_t child = fork();
  if (child == 0) {
    setenv("LOCKSTEP_CRASH_AT", "s01:after-commit:20", 1);
    Recorder output;
    const auto session = database.connect();
    executor::Dependencies use{*session, {}, executor::system_clock(), output};
    executor::execute(fill_plan(database), {}, bench.settings, use);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  const std::string done = text(*bench.session, "SELECT count(*) FROM shop.orders WHERE state IS NOT NULL");
  CHECK(done != "0");
  const auto cursor = bench.session->query(
      "SELECT detail ->> 'relation', detail ->> 'next' FROM lockstep.event WHERE kind = 'batch' ORDER BY id DESC LIMIT 1", {});
  CHECK(text(*bench.session, "SELECT count(*) FROM lockstep.event WHERE kind = 'batch'") == "20");

  SECTION("behind the cursor") {
    bench.settings.batch_time = std::chrono::milliseconds(200);
    bench.finish(fill_plan(database));
    const auto next = bench.session->query(
        "SELECT min((detail ->> 'next')::int) > $1::int FROM lockstep.event WHERE kind = 'batch' AND detail ->> 'relation' = $2 "
        "AND detail ->> 'pass' = '1' AND id > (SELECT max(id) FROM lockstep.event WHERE kind = 'resumed')",
        {cursor.text(0, 1), cursor.text(0, 0)});
    CHECK(next.boolean(0, 0));
  }
  SECTION("begun again") {
    bench.session->execute("VACUUM FULL shop.orders_25");
    bench.session->execute("VACUUM FULL shop.\"Orders 26b\"");
    bench.finish(fill_plan(database));
  }
  CHECK(text(*bench.session, "SELECT count(*) FROM shop.orders WHERE state = 'old'") == "200000");
  CHECK(executor::verify_journal(*bench.session).empty());
}

TEST_CASE("two sessions fill side by side, are killed in the middle and go on") {
  const Database database(
      "CREATE TABLE public.wide (id bigint, state text, pad text) WITH (autovacuum_enabled = false);"
      "INSERT INTO public.wide SELECT i, NULL, repeat('x', 250) FROM generate_series(1, 250000) i; ANALYZE public.wide");
  // The state says which session has filled the row; a slow row makes it last long enough for a helper.
  const auto plan =
      plan_of(database, {backfill("s01", "public", "wide",
                                  "state = CASE id % 4000 WHEN 0 THEN pg_catalog.pg_sleep(0.02)::text ELSE '' END || "
                                  "pg_catalog.pg_backend_pid()",
                                  "state IS NULL")});
  Bench bench(database);
  SECTION("to the end") {
    const auto report = bench.execute(plan);
    CHECK(report.rows_backfilled == 250000);
    CHECK(text(*bench.session, "SELECT count(DISTINCT state) FROM public.wide") == "2");
  }
  SECTION("alone") {
    bench.settings.backfill_workers = 1;
    CHECK(bench.execute(plan).rows_backfilled == 250000);
    CHECK(text(*bench.session, "SELECT count(DISTINCT state) FROM public.wide") == "1");
  }
  SECTION("killed") {
    const pid_t child = fork();
    if (child == 0) {
      setenv("LOCKSTEP_CRASH_AT", "s01:before-commit:60", 1);
      Recorder output;
      const auto session = database.connect();
      executor::Dependencies use{*session, [&] { return database.connect(); }, executor::system_clock(), output};
      executor::execute(plan, {}, bench.settings, use);
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    bench.finish(plan);
  }
  CHECK(text(*bench.session, "SELECT count(*) FROM public.wide WHERE state IS NULL") == "0");
  CHECK(text(*bench.session, "SELECT count(*) FROM lockstep.event WHERE kind = 'batch' AND detail ->> 'pass' <> '1'") == "0");
  CHECK(text(*bench.session, "SELECT sum((detail ->> 'rows')::int) FROM lockstep.event WHERE kind = 'batch'") == "250000");
  CHECK(text(*bench.session,
             "SELECT count(*) FROM (SELECT (detail ->> 'next')::int - lag((detail ->> 'next')::int) OVER (ORDER BY id) AS more "
             "FROM lockstep.event WHERE kind = 'batch') AS s WHERE more < 0") == "0");
  CHECK(executor::verify_journal(*bench.session).empty());
}

TEST_CASE("a helper whose connection leads elsewhere fills nothing there") {
  const std::string tables =
      "CREATE TABLE public.parts (id bigint, state text, pad text) PARTITION BY RANGE (id);"
      "CREATE TABLE public.a PARTITION OF public.parts FOR VALUES FROM (0) TO (100001);"
      "CREATE TABLE public.b PARTITION OF public.parts FOR VALUES FROM (100001) TO (200001);"
      "INSERT INTO public.parts SELECT i, NULL, repeat('x', 250) FROM generate_series(1, 200000) i; ANALYZE public.parts";
  const Database database(tables), elsewhere(tables);
  Bench bench(database);
  auto use = bench.use();
  use.connect = [&] { return elsewhere.connect(); };
  const auto plan = plan_of(
      database,
      {backfill("s01", "public", "parts", "state = CASE id % 4000 WHEN 0 THEN pg_catalog.pg_sleep(0.02)::text ELSE '' END || 'x'",
                "state IS NULL")});
  CHECK(executor::execute(plan, {}, bench.settings, use).rows_backfilled == 200000);
  CHECK(text(*elsewhere.connect(), "SELECT count(*) FROM public.parts WHERE state IS NOT NULL") == "0");
}

TEST_CASE("a backfill that never gets done says so") {
  const Database database(kShop);
  Bench bench(database);
  const Failure failure = failure_of(
      [&] { bench.execute(plan_of(database, {backfill("s01", "shop", "orders", "total = total + 1", "total > 0")})); });
  CHECK(failure.code == support::ExitCode::partial);
  CHECK_THAT(failure.message, Catch::Contains("500 rows are still to do"));
}

TEST_CASE("a row somebody holds is waited for, and the rest goes on") {
  const Database database(kShop);
  Bench bench(database);
  const auto other = database.connect();
  other->execute("BEGIN");
  other->execute("UPDATE shop.orders SET id = id WHERE id = 250");
  std::thread leaves([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    other->execute("COMMIT");
  });
  bench.settings.lock_retries = 30;
  bench.execute(plan_of(database, {backfill("s01", "shop", "orders", "note = 'x'", "note IS DISTINCT FROM 'x'")}));
  leaves.join();
  CHECK(text(*bench.session, "SELECT count(*) FROM shop.orders WHERE note = 'x'") == "500");
}

TEST_CASE("the first signal stops at a boundary and is resumed from there") {
  const Database database(kBig);
  Bench bench(database);
  bench.settings.batch_time = std::chrono::milliseconds(1);
  executor::install_interrupt_handlers();
  bench.output.on_progress = [] { kill(getpid(), SIGTERM); };
  const Failure failure = failure_of([&] { bench.execute(fill_plan(database)); });
  bench.output.on_progress = {};
  executor::forget_interrupts();
  CHECK(failure.code == support::ExitCode::terminated);
  CHECK_THAT(failure.message, Catch::Contains("SIGTERM") && Catch::Contains("s01"));
  const auto open = executor::open_run(*bench.session);
  REQUIRE(open);
  CHECK_THAT(open->last_error, Catch::Contains("SIGTERM"));
  bench.settings.batch_time = std::chrono::milliseconds(200);
  bench.finish(fill_plan(database));
  CHECK(text(*bench.session, "SELECT count(*) FROM shop.orders WHERE state = 'old'") == "200000");
}

TEST_CASE("a signal cancels the running statement") {
  const Database database(kShop);
  Bench bench(database);
  executor::install_interrupt_handlers();
  const auto eyes = database.connect();
  auto begun = std::chrono::steady_clock::now();
  std::thread user([&] {
    const char* const sleeps = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(30)' AND state = 'active'";
    while (text(*eyes, sleeps) != "1") std::this_thread::sleep_for(std::chrono::milliseconds(20));
    begun = std::chrono::steady_clock::now();
    kill(getpid(), SIGINT);
  });
  const Failure failure = failure_of([&] {
    bench.execute(plan_of(database, {inside("s01", "slow", {"CREATE TABLE shop.x ()", "SELECT pg_sleep(30)"})}));
  });
  user.join();
  executor::forget_interrupts();
  CHECK(failure.code == support::ExitCode::interrupted);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(10));
  CHECK(text(*bench.session, "SELECT to_regclass('shop.x') IS NULL") == "t");
}
