#include <catch2/catch.hpp>

#include "any_sql.h"
#include "executor_fixture.h"
#include "plan/undo.h"

using namespace executor_test;

TEST_CASE("a function that somebody puts under a step's statement ends the step") {
  const Database database(std::string(kShop) +
                          "; DO $$BEGIN CREATE ROLE own_helpers_low; EXCEPTION WHEN duplicate_object THEN NULL; END$$");
  Bench bench(database);
  const std::string create = "FUNCTION lockstep.zz_lockstep_x() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'";
  plan::Step step = inside("s02", "makes a function",
                           {"GRANT CREATE, USAGE ON SCHEMA lockstep TO own_helpers_low", "SET LOCAL ROLE own_helpers_low",
                            "CREATE " + create, "RESET ROLE", "CREATE OR REPLACE " + create});
  step.helpers = {
      {plan::Helper::Change::made, "fill trigger", "function", {"lockstep", "zz_lockstep_x"}, {"shop", "orders", "x"}, ""}};
  plan::Plan plan = plan_of(database, {inside("s01", "first", {"CREATE TABLE shop.a ()"}), step});
  const Failure failure = failure_of([&] { bench.execute(plan); });
  CHECK(failure.code == support::ExitCode::partial);
  CHECK_THAT(failure.message, Catch::Contains("function lockstep.zz_lockstep_x() belongs to own_helpers_low"));
  CHECK(text(*bench.session, "SELECT count(*) FROM pg_proc WHERE proname = 'zz_lockstep_x'") == "0");
  CHECK(text(*bench.session, "SELECT count(*) FROM lockstep.object") == "0");
}

TEST_CASE("what takes a transitional object away is made from its type and names") {
  const auto undo = [](std::string type, std::vector<std::string> names, std::vector<std::string> subject,
                       bool partitioned = false) {
    return plan::undo_statement(
        {.type = std::move(type), .names = std::move(names), .subject = std::move(subject), .undo = "DROP TABLE shop.orders"},
        partitioned);
  };
  CHECK(undo("table column", {"s", "T", "lockstep_dropped_f"}, {"s", "T", "f\""}) ==
        "ALTER TABLE s.\"T\" RENAME COLUMN lockstep_dropped_f TO \"f\"\"\"");
  CHECK(undo("trigger", {"s", "t", "zz_lockstep_a"}, {"s", "t", "f"}) == "DROP TRIGGER IF EXISTS zz_lockstep_a ON s.t");
  CHECK(undo("table constraint", {"s", "t", "lockstep_a"}, {"s", "t", "f"}) ==
        "ALTER TABLE s.t DROP CONSTRAINT IF EXISTS lockstep_a");
  CHECK(undo("function", {"lockstep", "zz_lockstep_a"}, {"s", "t", "f"}) == "DROP FUNCTION IF EXISTS lockstep.zz_lockstep_a()");
  CHECK(undo("index", {"s", "any"}, {"s", "t", "any"}) == "DROP INDEX CONCURRENTLY IF EXISTS s.\"any\"");
  CHECK(undo("index", {"s", "i"}, {"s", "t", "i"}, true) == "DROP INDEX IF EXISTS s.i");
  const auto refused = [&](std::string type, std::vector<std::string> names, std::vector<std::string> subject) {
    return !undo(std::move(type), std::move(names), std::move(subject));
  };
  CHECK(undo("table", {"s", "lockstep_t"}, {"s", "t"}) == "ALTER TABLE s.lockstep_t RENAME TO t");
  CHECK(undo("sequence", {"s", "lockstep_q"}, {"s", "q"}) == "ALTER SEQUENCE s.lockstep_q RENAME TO q");
  CHECK(undo("type", {"s", "lockstep_new_e"}, {"s", "e"}) == "DROP TYPE IF EXISTS s.lockstep_new_e");
  CHECK(refused("type", {"s", "mine"}, {"s", "e"}));
  CHECK(refused("type", {"s", "lockstep_new_e"}, {"other", "e"}));
  CHECK(refused("table", {"s", "mine"}, {"s", "t"}));
  CHECK(refused("table", {"s", "lockstep_t"}, {"other", "t"}));
  CHECK(refused("table", {"s", "lockstep_t"}, {"s", "t", "f"}));
  CHECK(refused("view ", {"s", "lockstep_t"}, {"s", "t"}));
  // A second name of a column is one that the author chose. Who may write to lockstep.object is asked before (trusted_roles.h).
  CHECK(undo("table column", {"s", "t", "mine"}, {"s", "t", "f"}) == "ALTER TABLE s.t DROP COLUMN IF EXISTS mine");
  CHECK(refused("table column", {"s", "t", "mine"}, {"s", "t"}));
  CHECK(refused("table column", {"s", "t", "lockstep_a"}, {"s", "t"}));
  CHECK(refused("trigger", {"s", "zz_lockstep_a"}, {"s", "t", "f"}));
  CHECK(refused("table constraint", {"s", "t", "ck"}, {"s", "t", "f"}));
  CHECK(refused("function", {"s", "zz_lockstep_a"}, {"s", "t", "f"}));
  CHECK(refused("index", {"s", "i"}, {}));
}
