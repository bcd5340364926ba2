#include <catch2/catch.hpp>

#include "executor_fixture.h"

using namespace executor_test;

TEST_CASE("what a database says about commits and transactions doesn't weaken a run") {
  const Database database;
  testing::any_sql(*Database::admin(), "ALTER DATABASE " + database.name() + " SET synchronous_commit = off; ALTER DATABASE " +
                                           database.name() + " SET session_replication_role = replica; ALTER DATABASE " +
                                           database.name() + " SET exit_on_error = on");
  const auto session = database.connect();
  CHECK(text(*session, "SHOW synchronous_commit") == "on");
  CHECK(text(*session, "SHOW session_replication_role") == "origin");
  CHECK(text(*session, "SHOW exit_on_error") == "off");

  testing::any_sql(*Database::admin(), "ALTER DATABASE " + database.name() + " SET synchronous_commit = remote_apply");
  CHECK(text(*database.connect(), "SHOW synchronous_commit") == "remote_apply");
}
