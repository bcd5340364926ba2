#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "executor_fixture.h"
#include "fleet/hooks.h"
#include "fleet/lock_file.h"
#include "fleet/protection.h"

using namespace lockstep;

TEST_CASE("lockstep.lock is read back as it was written, in one order", "[fleet]") {
  const executor_test::TemporaryFolder folder;
  const std::string path = folder.path() + "/lockstep.lock";
  CHECK(fleet::read_pins(path).empty());
  const fleet::Pins pins = {{"prod", {{"5a0e", "7001", "shop: \"eu\"", 16384}, "9f86"}}, {"dev", {{"1b", "", "shop", 5}, ""}}};
  fleet::write_pins(path, pins);
  CHECK(fleet::read_pins(path) == pins);
  CHECK(fleet::to_text(pins).find("dev:") < fleet::to_text(pins).find("prod:"));
  CHECK(fleet::to_text(fleet::read_pins(path)) == fleet::to_text(pins));
  for (const char* damaged : {"", "environments: [a]", "environments: {a: {identity: x}}", "{"}) {
    std::ofstream(path) << damaged;
    CAPTURE(damaged);
    CHECK_THROWS_AS(fleet::read_pins(path), support::UsageError);
  }
}

TEST_CASE("hooks run in order, where the configuration is, and see which run it is", "[fleet]") {
  const executor_test::TemporaryFolder folder;
  const fleet::HookFacts facts{"prod", "run-1", "shop", folder.path()};
  CHECK(fleet::run_hooks({}, facts).empty());
  CHECK(fleet::run_hooks({"printf %s \"$LOCKSTEP_ENV/$LOCKSTEP_RUN/$LOCKSTEP_DATABASE\" > seen", "cat seen >> twice"}, facts)
            .empty());
  std::string seen;
  std::ifstream(folder.path() + "/twice") >> seen;
  CHECK(seen == "prod/run-1/shop");
  CHECK(fleet::run_hooks({"exit 3", "touch never"}, facts) == "\"exit 3\": exit 3");
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/never"));
  CHECK(fleet::run_hooks({"kill -9 $$"}, facts).find("signal 9") != std::string::npos);
}

TEST_CASE("what an environment protects is not harmed, whatever was consented to", "[fleet]") {
  plan::Plan plan;
  plan::Step step;
  step.id = "s01";
  step.losses = {{"drop-column", "billing.invoices.total", "column billing.invoices.total and its values", "", ""}};
  plan.steps = {step};
  const std::vector<plan::Hazard> hazards = {{"drop-column", "billing.invoices.total", "loses it", "s01"}};
  fleet::refuse_harm({}, plan, hazards, "prod");
  fleet::refuse_harm({{"shop.*"}, false}, plan, hazards, "prod");
  CHECK_THROWS_AS(fleet::refuse_harm({{"billing.*"}, false}, plan, hazards, "prod"), support::RefusedError);
  CHECK_THROWS_AS(fleet::refuse_harm({{"billing.invoices"}, false}, plan, hazards, "prod"), support::RefusedError);
  CHECK_THROWS_AS(fleet::refuse_harm({{}, true}, plan, hazards, "prod"), support::RefusedError);
  fleet::refuse_harm({{}, true}, plan, {{"breaking", "billing.invoices", "", "s01"}}, "prod");
  CHECK_THROWS_AS(fleet::refuse_harm({{"billing.*"}, false}, plan, {{"rewrite", "billing.invoices", "", "s01"}}, "prod"),
                  support::RefusedError);
}
