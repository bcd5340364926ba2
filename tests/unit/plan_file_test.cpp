#include "plan/plan_file.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/error.h"

using namespace lockstep;

namespace {

plan::Plan sample() {
  plan::Plan plan;
  plan.tool_version = "0.1.0";
  plan.target = {"7301234567890123456", "shop", 16384, 150018};
  plan.desired_fingerprint = "abc";
  plan.changes = {{"+", "column shop.orders.country", "", "shop.schema:3:5"}};
  plan.values = {{"column shop.orders.total", "kept", "as they are stored"}};
  plan.read_set = {{"table shop.orders", "f00"}, {"index shop.orders.i", ""}};
  plan.notes = {"unmanaged: rule \"x\""};
  plan.unproved = {{"shop.f", "language plperl is missing"}};
  plan.proved = true;
  plan.record = R"({"stated":[]})";
  plan::Step add;
  add.id = "s01";
  add.title = "add column";
  add.source = "shop.schema:3:5";
  add.sql = {"ALTER TABLE shop.orders ADD COLUMN country text DEFAULT 'é\n\"'"};
  add.search_path = {"shop", "public"};
  add.lock = plan::LockMode::access_exclusive;
  add.locks = {{"shop.orders", plan::LockMode::access_exclusive}};
  add.rewrites = true;
  add.bytes = 123456789012;
  add.estimate = {40, 120, 123456789012, 123456789012};
  add.limits = {{"shop.orders", 8192, plan::kGrownTooFar}};
  plan.speeds = {.measured = true, .why_not = "", .read = 5e8};
  add.produces = {{catalog::intern_kind("column"), {"shop", "orders", "country"}}};
  add.losses = {{"drop-column", "shop.orders.x", "values", "shop.orders", "SELECT 1"}};
  add.helpers = {
      {plan::Helper::Change::made, "hidden column", "table column", {"shop", "orders", "h"}, {"shop", "orders", "x"}, "SELECT 1"},
      {plan::Helper::Change::taken, "fill trigger", "trigger", {"shop", "orders", "t"}, {"shop", "orders", "c"}, ""}};
  add.checks = {{"rule", "SELECT 0", "SELECT 1", false}, {"converts", "SELECT 0", "SELECT 1"}};
  add.checks.back().row_by_row = {"shop", "orders", "x::int < 0", "id"};
  plan::Step fill;
  fill.id = "s02";
  fill.phase = plan::Phase::migrate;
  fill.mode = plan::TransactionMode::batches;
  fill.batches = {"shop", "orders", "country = 'US'", "country IS NULL"};
  plan::Step index;
  index.id = "s03";
  index.phase = plan::Phase::contract;
  index.mode = plan::TransactionMode::outside;
  index.sql = {"CREATE INDEX CONCURRENTLY …"};
  index.postcheck = "SELECT 'done'";
  index.repair = "DROP INDEX";
  index.breaking = "fails";
  plan.steps = {add, fill, index};
  return plan;
}

support::ExitCode code_of(const std::string& text) {
  try {
    plan::from_json(text);
  } catch (const support::CommandError& error) {
    return error.code();
  }
  return support::ExitCode::done;
}

std::string file(const std::string& path) {
  std::ifstream stream(path);
  REQUIRE(stream.good());
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// The part of JSON Schema that docs/plan.schema.json uses. Returns the place of the first thing that doesn't fit.
std::string misfit(const nlohmann::json& schema, const nlohmann::json& value, const nlohmann::json& root,
                   const std::string& place) {
  if (schema.contains("$ref")) {
    const std::string name = schema["$ref"].get<std::string>().substr(std::string("#/$defs/").size());
    return misfit(root["$defs"][name], value, root, place);
  }
  if (schema.contains("const") && schema["const"] != value) return place + ": not the constant";
  if (schema.contains("enum") && std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
    return place + ": not in enum";
  const std::string type = schema.value("type", "");
  if (type == "string") return value.is_string() ? "" : place + ": no string";
  if (type == "boolean") return value.is_boolean() ? "" : place + ": no boolean";
  if (type == "integer") return value.is_number_integer() ? "" : place + ": no integer";
  if (type == "array") {
    if (!value.is_array()) return place + ": no array";
    for (const auto& item : value)
      if (auto wrong = misfit(schema["items"], item, root, place + "[]"); !wrong.empty()) return wrong;
  }
  if (type == "object") {
    if (!value.is_object()) return place + ": no object";
    for (const auto& name : schema.value("required", nlohmann::json::array()))
      if (!value.contains(name.get<std::string>())) return place + "." + name.get<std::string>() + ": missing";
    for (const auto& [name, item] : value.items()) {
      const auto properties = schema.value("properties", nlohmann::json::object());
      const nlohmann::json& rule = properties.contains(name) ? properties[name] : schema["additionalProperties"];
      if (rule.is_boolean()) return place + "." + name + ": not in the schema";
      if (auto wrong = misfit(rule, item, root, place + "." + name); !wrong.empty()) return wrong;
    }
  }
  return "";
}

}  // namespace

TEST_CASE("a plan file says all of a plan, and the same plan gives the same bytes") {
  const plan::Plan plan = sample();
  const std::string text = plan::to_json(plan);
  const plan::Plan back = plan::from_json(text);
  CHECK(plan::to_json(back) == text);
  CHECK(plan::digest(back) == plan::digest(plan));
  CHECK(back.steps[0].sql == plan.steps[0].sql);
  CHECK(back.steps[0].losses == plan.steps[0].losses);
  CHECK(back.steps[0].checks == plan.steps[0].checks);
  CHECK(back.steps[0].helpers == plan.steps[0].helpers);
  CHECK(back.record == plan.record);
  CHECK(back.steps[0].produces == plan.steps[0].produces);
  CHECK(back.steps[0].bytes == plan.steps[0].bytes);
  CHECK(back.steps[0].estimate == plan.steps[0].estimate);
  CHECK(back.steps[0].limits == plan.steps[0].limits);
  CHECK(back.speeds == plan.speeds);
  CHECK(back.steps[1].batches == plan.steps[1].batches);
  CHECK(back.target == plan.target);
  CHECK(back.read_set == plan.read_set);
  CHECK(back.values == plan.values);
  CHECK(text.back() == '\n');
}

TEST_CASE("the layout and the order of keys don't matter to a reader") {
  CHECK(code_of(nlohmann::json::parse(plan::to_json(sample())).dump()) == support::ExitCode::done);
}

TEST_CASE("the digest covers what is executed and nothing else") {
  const std::string digest = plan::digest(sample());
  plan::Plan plan = sample();
  plan.notes = {"other"};
  plan.tool_version = "9";
  plan.steps[0].title = plan.steps[0].source = "other";
  plan.steps[0].bytes = plan.steps[0].limits[0].bytes = 1;
  plan.steps[0].estimate = {};
  plan.speeds = {};
  CHECK(plan::digest(plan) == digest);
  const auto differs = [&digest](auto edit) {
    plan::Plan edited = sample();
    edit(edited);
    return plan::digest(edited) != digest;
  };
  CHECK(differs([](plan::Plan& p) { p.steps[0].sql[0] += " "; }));
  CHECK(differs([](plan::Plan& p) { p.steps[0].losses.clear(); }));
  CHECK(differs([](plan::Plan& p) { p.steps[0].helpers.pop_back(); }));
  CHECK(differs([](plan::Plan& p) { p.steps[0].limits.clear(); }));
  CHECK(differs([](plan::Plan& p) { p.steps[0].limits[0].most += 1; }));
  CHECK(differs([](plan::Plan& p) { p.steps[0].limits[0].relation = "shop.other"; }));
  CHECK(differs([](plan::Plan& p) { p.record.clear(); }));
  CHECK(differs([](plan::Plan& p) { p.steps[0].checks[0].count = ""; }));
  CHECK(differs([](plan::Plan& p) { p.steps[0].checks[1].row_by_row.condition = "false"; }));
  CHECK(differs([](plan::Plan& p) { p.steps[1].batches.pending = "true"; }));
  CHECK(differs([](plan::Plan& p) { p.steps[2].postcheck = ""; }));
  CHECK(differs([](plan::Plan& p) { p.target.database = "prod"; }));
  CHECK(differs([](plan::Plan& p) { p.read_set.clear(); }));
  CHECK(differs([](plan::Plan& p) { std::swap(p.steps[0], p.steps[1]); }));
}

TEST_CASE("any edit of a plan file is refused") {
  const nlohmann::json good = nlohmann::json::parse(plan::to_json(sample()));
  std::size_t edits = 0;
  const nlohmann::json flat = good.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    nlohmann::json bad = good;
    nlohmann::json& place = bad[nlohmann::json::json_pointer(pointer)];
    if (value.is_string()) place = value.get<std::string>() + "x";
    if (value.is_boolean()) place = !value.get<bool>();
    if (value.is_number()) place = value.get<std::int64_t>() + 1;
    if (value.is_null()) continue;  // an empty list
    ++edits;
    INFO(pointer);
    const auto code = code_of(bad.dump());
    CHECK((code == support::ExitCode::mismatch || code == support::ExitCode::usage));
  }
  CHECK(edits > 50);
}

TEST_CASE("a plan file that lacks something says what and where") {
  nlohmann::json bad = nlohmann::json::parse(plan::to_json(sample()));
  bad["steps"][1].erase("sql");
  CHECK_THROWS_WITH(plan::from_json(bad.dump()), Catch::Contains("steps[1].sql is missing"));
  bad = nlohmann::json::parse(plan::to_json(sample()));
  bad["format"] = "lockstep-plan/2";
  CHECK_THROWS_WITH(plan::from_json(bad.dump()), Catch::Contains("lockstep-plan/2"));
  CHECK(code_of(bad.dump()) == support::ExitCode::usage);
  CHECK(code_of("{") == support::ExitCode::usage);
  CHECK(code_of("[]") == support::ExitCode::usage);
  CHECK(code_of("{}") == support::ExitCode::usage);
  bad = nlohmann::json::parse(plan::to_json(sample()));
  bad.erase("checksum");
  CHECK(code_of(bad.dump()) == support::ExitCode::usage);
}

TEST_CASE("docs/plan.schema.json describes plan files to the last field") {
  const auto schema = nlohmann::json::parse(file(LOCKSTEP_SOURCE_DIR "/docs/plan.schema.json"));
  nlohmann::json plan = nlohmann::json::parse(plan::to_json(sample()));
  CHECK(misfit(schema, plan, schema, "plan") == "");
  plan["steps"][0]["extra"] = 1;
  CHECK(misfit(schema, plan, schema, "plan") != "");
}
