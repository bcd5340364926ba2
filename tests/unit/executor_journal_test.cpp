#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "executor/journal.h"
#include "executor_fixture.h"

using namespace executor_test;

TEST_CASE("an event's hash covers every field and the event before") {
  const executor::Event event{7, "run", "2026-11-23T10:00:00.000000Z", "executed", "s01", R"({"a":1})"};
  const std::string hash = executor::event_hash("previous", event);
  CHECK(hash == executor::event_hash("previous", event));
  CHECK(hash != executor::event_hash("other", event));
  const auto differs = [&](auto edit) {
    executor::Event edited = event;
    edit(edited);
    return executor::event_hash("previous", edited) != hash;
  };
  CHECK(differs([](executor::Event& e) { e.id = 8; }));
  CHECK(differs([](executor::Event& e) { e.run = "x"; }));
  CHECK(differs([](executor::Event& e) { e.at = "x"; }));
  CHECK(differs([](executor::Event& e) { e.kind = "x"; }));
  CHECK(differs([](executor::Event& e) { e.step = "s011"; }));
  CHECK(differs([](executor::Event& e) { e.detail = "{}"; }));
  CHECK(differs([](executor::Event& e) { e.kind = "execute", e.step = "ds01"; }));
}

TEST_CASE("a database without a journal was never applied") {
  const Database database;
  const auto session = database.connect();
  CHECK(executor::runs(*session).empty());
  CHECK_FALSE(executor::open_run(*session));
  CHECK_FALSE(executor::applied_state(*session));
  CHECK_FALSE(executor::identity(*session));
  CHECK(executor::verify_journal(*session).empty());
}

TEST_CASE("the journal tells a run and refuses to be changed") {
  const Database database(kShop);
  Bench bench(database);
  const auto report = bench.execute(shop_plan(database), {{"drop-column", "shop.orders.total", "", "s04"}});
  Session& session = *bench.session;
  const auto runs = executor::runs(session);
  REQUIRE(runs.size() == 1);
  CHECK(runs[0].id == report.run_id);
  CHECK(runs[0].state == "done");
  CHECK(runs[0].by == "tester");
  CHECK(runs[0].steps == 4);
  CHECK(runs[0].settled == 4);
  CHECK(runs[0].changed);
  CHECK(runs[0].plan_digest == plan::digest(shop_plan(database)));
  CHECK(runs[0].started.substr(0, 2) == "20");
  CHECK(runs[0].finished > runs[0].started);
  CHECK_FALSE(executor::open_run(session));
  CHECK(text(session, "SELECT detail #>> '{consented,0,object}' FROM lockstep.event WHERE kind = 'run_started'") ==
        "shop.orders.total");
  CHECK(text(session, "SELECT string_agg(kind || ' ' || step, ', ' ORDER BY id) FROM lockstep.event WHERE kind <> 'batch'") ==
        "run_started , intent s01, executed s01, intent s02, settled s02, intent s03, settled s03, intent s04, executed s04, "
        "run_done ");

  executor::record_applied(session, {report.run_id, "", "whole", "{}", {{"table a.b", "1"}, {"table a.\"c\"", "2"}}});
  executor::record_applied(session, {report.run_id, "", "whole2", "{}", {{"table a.b", "3"}}});
  const auto state = executor::applied_state(session);
  REQUIRE(state);
  CHECK(state->run == report.run_id);
  CHECK(state->fingerprint == "whole2");
  CHECK(state->complete());
  CHECK(state->objects == std::map<std::string, std::string>{{"table a.b", "3"}});
  CHECK(executor::runs(session)[0].state == "done");
  CHECK(executor::identity(session)->database == database.name());
  CHECK(executor::verify_journal(session).empty());

  for (const char* table : {"run", "event", "backup"}) {
    const std::string name = std::string("lockstep.") + table;
    session.execute("SET session_replication_role = replica");
    CHECK_THROWS_WITH(
        testing::any_sql(session, "TRUNCATE " + name +
                                      (table == std::string("run") ? ", lockstep.event, lockstep.backup, lockstep.object" : "")),
        Catch::Contains("append-only"));
    CHECK_THROWS_WITH(testing::any_sql(session, "DELETE FROM " + name), Catch::Contains("append-only"));
    CHECK_THROWS_WITH(testing::any_sql(session, "UPDATE " + name + " SET run = NULL WHERE false"), Catch::Contains("run"));
    session.execute("SET session_replication_role = origin");
  }
}

TEST_CASE("whoever gets round the triggers is found out by the chain") {
  const Database database(kShop);
  Bench bench(database);
  bench.execute(shop_plan(database));
  Session& session = *bench.session;
  session.execute("ALTER TABLE lockstep.event DISABLE TRIGGER append_only; ALTER TABLE lockstep.run DISABLE TRIGGER append_only");
  const auto found_after = [&session](const std::string& edit) {
    session.execute("BEGIN");
    testing::any_sql(session, edit);
    const std::string found = executor::verify_journal(session);
    session.execute("ROLLBACK");
    return found;
  };
  CHECK_THAT(found_after("SELECT 1"), Catch::Contains("append_only of lockstep.event is missing or off"));
  CHECK_THAT(found_after("UPDATE lockstep.run SET started_by = 'x'"), Catch::Contains("the row of run"));
  CHECK_THAT(found_after("ALTER TABLE lockstep.backup DISABLE TRIGGER append_only; UPDATE lockstep.backup SET row_count = 1"),
             Catch::Contains("did not record"));
  CHECK_THAT(found_after("UPDATE lockstep.event SET detail = '{}' WHERE id = 3"), Catch::Contains("event 3"));
  CHECK_THAT(found_after("UPDATE lockstep.event SET detail = detail::jsonb::json WHERE kind = 'run_started'"),
             Catch::Contains("event 1"));
  CHECK_THAT(found_after("UPDATE lockstep.event SET at = at + interval '1 microsecond' WHERE id = 4"),
             Catch::Contains("event 4"));
  CHECK_THAT(found_after("UPDATE lockstep.event SET step = 's02' WHERE id = 3"), Catch::Contains("event 3"));
  CHECK_THAT(found_after("DELETE FROM lockstep.event WHERE id = 5"), Catch::Contains("event 5 is missing"));
  CHECK_THAT(found_after("DELETE FROM lockstep.event WHERE id = 1"), Catch::Contains("event 1 is missing"));
  CHECK_THAT(found_after("DELETE FROM lockstep.event WHERE id = 5; UPDATE lockstep.event SET id = id - 1 WHERE id > 5"),
             Catch::Contains("event 5"));
  CHECK_THAT(found_after("UPDATE lockstep.run SET plan = plan || ' '"), Catch::Contains("the plan of run"));
  CHECK_THAT(found_after("INSERT INTO lockstep.run SELECT gen_random_uuid(), started, started_by, tool_version, plan_digest, "
                         "desired_fingerprint, steps, plan FROM lockstep.run"),
             Catch::Contains("has no events"));
}

TEST_CASE("what was recorded of the last apply can't be edited unnoticed") {
  const Database database(kShop);
  Bench bench(database);
  const auto report = bench.execute(shop_plan(database));
  Session& session = *bench.session;
  executor::record_applied(session, {report.run_id, "", "whole", "{}", {{"table a.b", "1"}, {"table a.c", "2"}}});
  CHECK(executor::verify_journal(session).empty());
  for (const char* edit : {"UPDATE lockstep.applied SET content = '2' WHERE object = 'table a.b'",
                           "DELETE FROM lockstep.applied WHERE object = 'table a.b'",
                           "INSERT INTO lockstep.applied SELECT 'table a.d', '', run FROM lockstep.applied LIMIT 1"}) {
    session.execute("BEGIN");
    testing::any_sql(session, edit);
    CHECK_THAT(executor::verify_journal(session), Catch::Contains("lockstep.applied"));
    session.execute("ROLLBACK");
  }
}

TEST_CASE("a journal of format 1 is read, and made format 3 by the next writer") {
  const Database database(kShop);
  Bench bench(database);
  const auto report = bench.execute(shop_plan(database));
  Session& session = *bench.session;
  session.execute(
      "ALTER TABLE lockstep.applied DROP COLUMN content, ADD COLUMN fingerprint text; UPDATE lockstep.identity SET format = 1; "
      "ALTER TABLE lockstep.event ALTER COLUMN run SET NOT NULL; DROP TABLE lockstep.object");
  session.query("INSERT INTO lockstep.applied SELECT 'table a.b', id, 'f' FROM lockstep.run", {});
  {
    postgres::Transaction transaction(session);
    executor::Journal(session).append(report.run_id, "verified", "", executor::Json{{"fingerprint", "f"}});
    transaction.commit();
  }
  const auto old = executor::applied_state(session);
  REQUIRE(old);
  CHECK_FALSE(old->complete());
  CHECK(old->objects.at("table a.b").empty());
  CHECK(executor::verify_journal(session).empty());
  executor::record_applied(session, {report.run_id, "", "g", "{}", {{"table a.b", "1"}}});
  CHECK(executor::applied_state(session)->objects.at("table a.b") == "1");
  CHECK(session.query("SELECT count(*) FROM lockstep.object", {}).integer(0, 0) == 0);
  CHECK(executor::verify_journal(session).empty());
}

TEST_CASE("a copied journal is seen, bound anew or forgotten") {
  const Database database(kShop);
  Bench bench(database);
  bench.execute(shop_plan(database));
  bench.session.reset();
  const Database copy({}, database.name());
  const auto session = copy.connect();
  const auto known = executor::identity(*session);
  REQUIRE(known);
  CHECK_FALSE(executor::same_place(*known, executor::located(*session)));
  const auto bound = executor::rebind_identity(*session, "tester", "cloned");
  CHECK(bound.id != known->id);
  CHECK(executor::same_place(bound, executor::located(*session)));
  CHECK(executor::verify_journal(*session).empty());
  testing::any_sql(*session, "UPDATE lockstep.identity SET id = '" + known->id + "'");
  CHECK_THAT(executor::verify_journal(*session), Catch::Contains("lockstep.identity"));
  session->execute("CREATE TABLE lockstep.mine ()");
  CHECK(failure_of([&] { executor::forget_journal(*session); }).code == support::ExitCode::refused);
  CHECK(executor::identity(*session));
  session->execute("DROP TABLE lockstep.mine");
  executor::forget_journal(*session);
  CHECK_FALSE(executor::identity(*session));
  const auto fresh = executor::establish_identity(*session, "tester");
  CHECK(executor::establish_identity(*session, "tester").id == fresh.id);
  CHECK(executor::verify_journal(*session).empty());
}

TEST_CASE("a schema lockstep of somebody else's is left alone") {
  const Database database("CREATE SCHEMA lockstep; CREATE TABLE lockstep.mine (a int)");
  Bench bench(database);
  const Failure failure = failure_of([&] { bench.execute(plan_of(database, {inside("s01", "x", {"CREATE SCHEMA x"})})); });
  CHECK(failure.code == support::ExitCode::failed);
  CHECK_THAT(failure.message, Catch::Contains("not Lockstep's journal"));
  CHECK(text(*bench.session, "SELECT to_regnamespace('x') IS NULL") == "t");
}
