// Types, sequences, routines, comments, grants and what stands outside schemas: read, recreated elsewhere, changed, dropped
// on a real server; and what the pure parts say without one.
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "any_sql.h"
#include "catalog/change.h"
#include "kinds/kinds_list.h"
#include "kinds/registry.h"
#include "kinds/routines/routine.h"
#include "planner/planner.h"
#include "postgres/introspect.h"
#include "support/error.h"
#include "tests/unit/postgres_server.h"

using namespace lockstep;
using namespace lockstep::kinds;

namespace {

std::unique_ptr<postgres::Scratch> scratch() {
  return postgres::Scratch::create({.roles = {"kinds_app", "kinds_owner", "Kinds Other"}});
}

std::string file(const std::string& name) {
  std::ifstream stream(std::string(LOCKSTEP_SOURCE_DIR) + "/tests/unit/" + name);
  REQUIRE(stream);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::vector<Change> changes(const Catalog& from, const Catalog& to) {
  return catalog::diff(from, to, [](const Object& object, const Object&, std::string_view name) {
    const AttrSpec* spec = attribute(of(object.id), name);
    return spec != nullptr && spec->derived;
  });
}

std::string report(const std::vector<Change>& list) {
  std::string text;
  for (const Change& change : list) {
    text += catalog::to_string(change.id) + "\n";
    for (const auto& item : change.attributes) {
      text +=
          "  " + std::string(item.attribute) + ": " + catalog::to_string(item.from) + " → " + catalog::to_string(item.to) + "\n";
    }
  }
  return text;
}

plan::Plan plan_between(const postgres::Snapshot& from, const Catalog& to) {
  const catalog::Intents intents;
  const std::map<ObjectId, recipes::ColumnProbe> probes;
  const planner::Places places;
  const std::vector<planner::Rename> renames;
  return planner::make_plan({.from = from.catalog,
                             .to = to,
                             .changes = changes(from.catalog, to),
                             .renames = renames,
                             .intents = intents,
                             .facts = from.facts,
                             .probes = probes,
                             .places = places,
                             .server_version = from.target.server_version});
}

void run(postgres::Session& session, const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    INFO(step.title);
    postgres::Transaction transaction(session);
    for (const auto& sql : step.sql) {
      INFO(sql);
      REQUIRE_NOTHROW(testing::any_sql(session, sql));
    }
    transaction.commit();
  }
}

// Brings `session`'s database to `wanted` and returns what differs then.
std::string bring(postgres::Session& session, const Catalog& wanted) {
  run(session, plan_between(postgres::introspect(session), wanted).steps);
  return report(changes(postgres::introspect(session).catalog, wanted));
}

Catalog of_objects(std::vector<Object> objects) {
  return Catalog(std::move(objects));
}

Object object(const KindSpec& kind, catalog::Path path, std::vector<std::pair<std::string_view, catalog::Value>> values = {},
              std::optional<ObjectId> parent = {}) {
  Object made{{&kind.tag, std::move(path)}, std::move(parent), {}};
  for (auto& [name, value] : values) made.set(name, std::move(value));
  return made;
}

std::vector<std::string> statements(const Catalog& from, const Catalog& to) {
  postgres::Snapshot snapshot;
  snapshot.catalog = from;
  snapshot.target.server_version = 150000;
  std::vector<std::string> all;
  for (const Step& step : plan_between(snapshot, to).steps) all.insert(all.end(), step.sql.begin(), step.sql.end());
  return all;
}

const ObjectId kShopSchema{&kSchema.tag, {"shop"}};

}  // namespace

TEST_CASE("a catalog is recreated, changed and dropped as it was read", "[kinds][postgres]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto original = scratch(), copy = scratch();
  const Catalog nothing = postgres::introspect(copy->superuser()).catalog;
  testing::any_sql(original->superuser(), file("kinds_round_trip_schema.sql"));
  const Catalog rich = postgres::introspect(original->superuser()).catalog;
  CHECK(rich.objects().size() > 100);
  CHECK(bring(copy->superuser(), rich).empty());

  testing::any_sql(original->superuser(), file("kinds_round_trip_change.sql"));
  CHECK(bring(copy->superuser(), postgres::introspect(original->superuser()).catalog).empty());
  CHECK(bring(copy->superuser(), nothing).empty());
}

TEST_CASE("every kind here that has a name can change it", "[kinds][postgres]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto database = scratch();
  postgres::Session& session = database->superuser();
  testing::any_sql(session, file("kinds_round_trip_schema.sql"));
  const postgres::Snapshot before = postgres::introspect(session);
  const catalog::Intents intents;
  const std::map<ObjectId, recipes::ColumnProbe> probes;
  const Context context{before.catalog, before.catalog, intents, before.facts, before.target.server_version, {}, {}, {}, probes};
  std::set<std::string_view> open{"enum",      "domain",        "domain_constraint", "composite", "attribute",
                                  "range",     "sequence",      "function",          "procedure", "aggregate",
                                  "collation", "event_trigger", "publication"};
  for (const Object& item : before.catalog.objects()) {
    if (open.erase(item.id.kind->name) == 0) continue;
    const KindSpec& kind = of(item.id);
    INFO(catalog::to_string(item.id));
    const bool routine = kind.replaceable == replaceable_routine || item.id.is(kAggregate.tag);
    ObjectId renamed = item.id;
    renamed.path.set(routine ? 1 : renamed.path.size() - 1, "Renamed it");
    run(session, kind.rename(item.id, renamed, context));
    CHECK(postgres::introspect(session).catalog.contains(renamed));
    run(session, kind.rename(renamed, item.id, context));
  }
  CHECK(open.empty());
}

TEST_CASE("removed enum values rewrite columns, and what speaks of them follows", "[kinds][postgres]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto database = scratch();
  postgres::Session& session = database->superuser();
  session.execute(
      "CREATE SCHEMA shop; CREATE TYPE shop.status AS ENUM ('a', 'b', 'c'); COMMENT ON TYPE shop.status IS 'x';"
      "GRANT USAGE ON TYPE shop.status TO kinds_app;"
      "CREATE TABLE shop.t (k integer PRIMARY KEY, s shop.status DEFAULT 'a', l shop.status[]) PARTITION BY RANGE (k);"
      "CREATE TABLE shop.t1 PARTITION OF shop.t FOR VALUES FROM (0) TO (9); CREATE INDEX ON shop.t (s);"
      "INSERT INTO shop.t VALUES (1, 'c', '{a,c}')");
  const postgres::Snapshot before = postgres::introspect(session);
  std::vector<Object> objects = before.catalog.objects();
  for (Object& item : objects) {
    if (item.id.is(kEnum.tag)) item.set("values", List{"c", "a"});
  }
  const Catalog wanted(objects, before.catalog.edges());
  const plan::Plan plan = plan_between(before, wanted);
  REQUIRE_FALSE(plan.steps.empty());
  const Step& step = plan.steps.front();
  CHECK(step.phase == plan::Phase::contract);
  CHECK(step.rewrites);
  REQUIRE(step.losses.size() == 1);
  CHECK(step.losses[0].hazard == "lossy-type");
  REQUIRE(step.checks.size() == 2);
  for (const auto& check : step.checks) CHECK(testing::any_sql(session, check.count).integer(0, 0) == 0);
  CHECK(bring(session, wanted).empty());
  CHECK(session.execute("SELECT s || l::text FROM shop.t").text(0, 0) == "c{a,c}");

  session.execute(
      "CREATE VIEW shop.v AS SELECT s FROM shop.t; CREATE TABLE shop.g (s shop.status, t text GENERATED ALWAYS AS (CASE WHEN s "
      "IS NULL THEN 'x' END) STORED)");
  const postgres::Snapshot viewed = postgres::introspect(session);
  objects = viewed.catalog.objects();
  for (Object& item : objects) {
    if (item.id.is(kEnum.tag)) item.set("values", List{"a"});
  }
  CHECK_FALSE(plan_between(viewed, Catalog(objects, viewed.catalog.edges())).steps.empty());
}

TEST_CASE("arguments end at commas and before their defaults", "[kinds]") {
  const auto list = split_arguments(
      "a integer, IN b numeric(10, 2) DEFAULT 1.5, c text = 'x, ''y''', VARIADIC \"D,e\" text[] default '{a,b}'::text[]");
  REQUIRE(list.size() == 4);
  CHECK(list[0].text == "a integer");
  CHECK_FALSE(list[0].has_default);
  CHECK(list[1].text == "IN b numeric(10, 2)");
  CHECK(list[1].has_default);
  CHECK(list[2].text == "c text");
  CHECK(list[3].text == "VARIADIC \"D,e\" text[]");
  CHECK(split_arguments("").empty());
  CHECK(split_arguments("a text DEFAULT $q$,$$,$q$, b int").size() == 2);
  CHECK(split_arguments(R"(a text DEFAULT E'\', b integer) owner to x --')").size() == 1);
  CHECK(split_arguments(R"(a text DEFAULT E'it''s\\', b int)").size() == 2);
  CHECK(split_arguments("a text DEFAULT /* /* */ , */ 'x', b int").size() == 2);
  CHECK(split_arguments("a$x$ text, b$x$ int").size() == 2);
  CHECK(routine_address({&kFunction.tag, {"shop", "f", "a integer, b text default 'x'"}}) == "shop.f(a integer, b text)");
}

TEST_CASE("a routine stays itself while its arguments keep names and defaults", "[kinds]") {
  const auto function = [](const std::string& arguments, const std::string& result) {
    return object(kFunction, {"shop", "f", "integer"}, {{"arguments", arguments}, {"result", result}}, kShopSchema);
  };
  const Object old = function("a integer DEFAULT 1", "integer");
  CHECK(replaceable_routine(old, function("a integer DEFAULT 2", "integer")));
  CHECK_FALSE(replaceable_routine(old, function("a integer", "integer")));
  CHECK_FALSE(replaceable_routine(old, function("b integer DEFAULT 1", "integer")));
  CHECK_FALSE(replaceable_routine(old, function("a integer DEFAULT 1", "bigint")));
}

TEST_CASE("new enum values find their place one by one", "[kinds]") {
  const auto catalog = [](List values) {
    return of_objects({object(kSchema, {"shop"}), object(kEnum, {"shop", "e"}, {{"values", std::move(values)}}, kShopSchema)});
  };
  CHECK(statements(catalog({"b", "d"}), catalog({"a", "b", "c", "d", "e"})) ==
        std::vector<std::string>{"ALTER TYPE shop.e ADD VALUE 'a' BEFORE 'b'", "ALTER TYPE shop.e ADD VALUE 'c' AFTER 'b'",
                                 "ALTER TYPE shop.e ADD VALUE 'e' AFTER 'd'"});
  CHECK(statements(catalog({}), catalog({"a"})) == std::vector<std::string>{"ALTER TYPE shop.e ADD VALUE 'a'"});
}

TEST_CASE("a sequence's bounds and start move together", "[kinds]") {
  const auto catalog = [](std::vector<std::pair<std::string_view, catalog::Value>> values) {
    return of_objects({object(kSchema, {"shop"}), object(kSequence, {"shop", "q"}, std::move(values), kShopSchema)});
  };
  CHECK(statements(catalog({}), catalog({{"minimum", std::int64_t{10}}})) ==
        std::vector<std::string>{
            "ALTER SEQUENCE shop.q MINVALUE 1 MAXVALUE 9223372036854775807",
            "SELECT pg_catalog.setval('shop.q', 10, false) FROM shop.q WHERE NOT is_called AND last_value NOT BETWEEN 10 AND "
            "9223372036854775807",
            "ALTER SEQUENCE shop.q INCREMENT BY 1 MINVALUE 10 MAXVALUE 9223372036854775807 START WITH 10"});
  CHECK(statements(catalog({}), catalog({{"increment", std::int64_t{-1}}, {"type", std::string("smallint")}})) ==
        std::vector<std::string>{"ALTER SEQUENCE shop.q MINVALUE -32768 MAXVALUE 9223372036854775807",
                                 "SELECT pg_catalog.setval('shop.q', -1, false) FROM shop.q WHERE NOT is_called AND last_value "
                                 "NOT BETWEEN -32768 AND -1",
                                 "ALTER SEQUENCE shop.q AS smallint INCREMENT BY -1 MINVALUE -32768 MAXVALUE -1 START WITH -1"});
}
