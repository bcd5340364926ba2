#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "plan/hazard.h"
#include "plan/values.h"
#include "support/error.h"

using namespace lockstep;
using plan::Consent;

namespace {

std::vector<std::string> kinds_of(const plan::Step& step) {
  plan::Plan plan;
  plan.steps = {step};
  std::vector<std::string> kinds;
  for (const auto& hazard : plan::hazards_of(plan)) kinds.push_back(hazard.kind + " " + hazard.object);
  return kinds;
}

plan::Step on_orders(plan::LockMode mode, std::int64_t bytes) {
  plan::Step step;
  step.id = "s01";
  step.title = "alter shop.orders";
  step.lock = mode;
  step.locks = {{"shop.customers", plan::LockMode::row_share}, {"shop.orders", mode}};
  step.bytes = bytes;
  return step;
}

using Kinds = std::vector<std::string>;

}  // namespace

TEST_CASE("a step that makes no object is about the relation its statements name, not a partition of it") {
  plan::Step step;
  step.sql = {"ALTER TABLE shop.orders ADD CONSTRAINT c CHECK (region IS NOT NULL) NOT VALID"};
  step.locks = {{"shop.a_partition", plan::LockMode::access_exclusive},
                {"shop.orders", plan::LockMode::access_exclusive},
                {"shop.orders_2026", plan::LockMode::access_exclusive}};
  step.breaking = "old statements fail";
  CHECK(kinds_of(step) == Kinds{"breaking shop.orders"});
}

TEST_CASE("a step that was not tried first is about its table too, not about its title") {
  plan::Step step = on_orders(plan::LockMode::access_exclusive, 1 << 20);
  step.locks.clear();
  step.title = "move table shop.orders to another tablespace";
  step.sql = {"ALTER TABLE shop.orders SET TABLESPACE pg_default"};
  step.produces = {{catalog::intern_kind("table"), {"shop", "orders"}}};
  step.rewrites = true;
  CHECK(kinds_of(step) == Kinds{"rewrite shop.orders"});
}

TEST_CASE("what has no arguments ends in no dot") {
  plan::Step step;
  step.breaking = "old statements fail";
  step.destroys = {{catalog::intern_kind("function"), {"shop", "helper", ""}}};
  CHECK(kinds_of(step) == Kinds{"breaking shop.helper"});
}

TEST_CASE("a new partition reads the DEFAULT one beside it, and a policy recreated reads nothing") {
  using plan::LockMode;
  plan::Step step;
  step.id = "s01";
  step.scans = true;
  step.bytes = 1 << 20;
  step.lock = LockMode::access_exclusive;
  step.sql = {"CREATE TABLE shop.orders_7 PARTITION OF shop.orders FOR VALUES IN (7)"};
  step.locks = {{"shop.orders", LockMode::access_exclusive}, {"shop.rest", LockMode::access_exclusive}};
  step.checks = {
      {.rule = "no row of shop.rest belongs to it", .count = "", .sample = "", .row_by_row = {"shop", "rest", "", ""}}};
  CHECK(kinds_of(step) == Kinds{"long-lock shop.rest"});
  step.checks.clear();
  step.sql = {"CREATE POLICY p ON shop.a_partition USING (true)", "ALTER TABLE shop.orders ALTER COLUMN total TYPE bigint"};
  step.locks = {{"shop.a_partition", LockMode::access_exclusive}, {"shop.orders", LockMode::access_exclusive}};
  CHECK(kinds_of(step) == Kinds{"long-lock shop.orders"});
}

TEST_CASE("hazards follow from a step's fields") {
  using plan::LockMode;
  plan::Step step = on_orders(LockMode::access_exclusive, 1 << 20);
  CHECK(kinds_of(step).empty());
  step.rewrites = true;
  CHECK(kinds_of(step) == Kinds{"rewrite shop.orders"});
  step.rewrites = false;
  step.scans = true;
  CHECK(kinds_of(step) == Kinds{"long-lock shop.orders"});
  step.bytes = 0;
  CHECK(kinds_of(step).empty());
  step = on_orders(LockMode::share, 1 << 20);
  step.builds = true;
  CHECK(kinds_of(step) == Kinds{"long-lock shop.orders"});
  step.mode = plan::TransactionMode::outside;
  CHECK(kinds_of(step).empty());
  step = on_orders(LockMode::share_update_exclusive, 1 << 20);
  step.scans = true;
  CHECK(kinds_of(step).empty());

  step = on_orders(LockMode::access_exclusive, 0);
  step.breaking = "old statements fail";
  CHECK(kinds_of(step) == Kinds{"breaking shop.orders"});
  step.destroys = {{catalog::intern_kind("column"), {"shop", "orders", "total"}}};
  CHECK(kinds_of(step) == Kinds{"breaking shop.orders.total"});
  step.losses = {{"drop-column", "shop.orders.total", "column", "shop.orders", "SELECT 1"}};
  CHECK(kinds_of(step) == Kinds{"drop-column shop.orders.total"});

  plan::Plan plan;
  plan.unproved = {{"pg_cron", "the scratch server lacks it"}};
  CHECK(plan::hazards_of(plan).front().kind == "unproved");
}

TEST_CASE("consent covers kinds, prefixes up to a dash, and globs") {
  const auto covers = [](const std::string& item, const std::string& kind, const std::string& object) {
    return Consent::parse({item}).covers({kind, object, "", ""});
  };
  CHECK(covers("all", "rewrite", "x"));
  CHECK(covers("drop", "drop-table", "x"));
  CHECK(covers("drop", "drop-column", "x"));
  CHECK_FALSE(covers("drop", "rewrite", "x"));
  CHECK(covers("drop-table", "drop-table", "x"));
  CHECK_FALSE(covers("drop-table", "drop-column", "x"));
  CHECK(covers("drop:*", "drop-table", "shop.orders"));
  CHECK(covers("drop:shop.orders", "drop-table", "shop.orders"));
  CHECK_FALSE(covers("drop:shop.orders", "drop-column", "shop.orders.total"));
  CHECK(covers("drop:shop.orders*", "drop-column", "shop.orders.total"));
  CHECK(covers("drop:*.t?tal", "drop-column", "shop.orders.total"));
  CHECK_FALSE(covers("drop:", "drop-column", "x"));
  CHECK(covers("all:shop.*", "rewrite", "shop.orders"));
  CHECK_FALSE(covers("all:shop.*", "rewrite", "crm.orders"));
  CHECK(covers("drop:" + std::string(2000, '*') + "z", "drop-table", "xyz"));
  CHECK_FALSE(Consent::parse({}).covers({"rewrite", "x", "", ""}));
  CHECK(Consent::parse({"rewrite", "drop:a"}).covers({"drop-table", "a", "", ""}));
  for (const char* bad : {"dro", "drop-", "", "droptable", "DROP", ":x"}) {
    INFO(bad);
    CHECK_THROWS_AS(Consent::parse({bad}), support::UsageError);
  }
}

TEST_CASE("docs/values.md is what the tables of values say") {
  std::ifstream stream(LOCKSTEP_SOURCE_DIR "/docs/values.md");
  std::ostringstream text;
  text << stream.rdbuf();
  CHECK(text.str() == plan::values_markdown());
}

TEST_CASE("docs/hazards.md is what the table of hazards says") {
  std::ifstream stream(LOCKSTEP_SOURCE_DIR "/docs/hazards.md");
  std::ostringstream text;
  text << stream.rdbuf();
  CHECK(text.str() == plan::hazards_markdown());
}

TEST_CASE("lock modes read back as they are printed") {
  for (int mode = 0; mode <= 8; ++mode) {
    const auto value = static_cast<plan::LockMode>(mode);
    CHECK(plan::lock_mode_from(plan::to_string(value)) == value);
  }
  CHECK(plan::lock_mode_from_pg_locks("ShareRowExclusiveLock") == plan::LockMode::share_row_exclusive);
  CHECK_FALSE(plan::lock_mode_from_pg_locks(""));
}
