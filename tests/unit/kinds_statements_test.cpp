// Views, triggers, policies, rules, statistics and the kinds of the generic form: statements and declarations without a server.
#include <catch2/catch.hpp>
#include <set>

#include "kinds/foreign/foreign_options.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/option_list.h"
#include "kinds/registry.h"
#include "support/error.h"

using namespace lockstep;
using namespace lockstep::kinds;

namespace {

Object object_of(const KindSpec& kind, catalog::Path path, std::vector<std::pair<std::string_view, catalog::Value>> values = {},
                 std::optional<ObjectId> parent = {}) {
  Object made{{&kind.tag, std::move(path)}, std::move(parent), {}};
  for (auto& [name, value] : values) made.set(name, std::move(value));
  return made;
}

ObjectId table() {
  return {&kTable.tag, {"s", "t"}};
}
ObjectId schema() {
  return {&kSchema.tag, {"s"}};
}

// A plan from one set of objects to another; what stands in `from` stands still.
struct Statements {
  explicit Statements(std::vector<Object> before, std::vector<Object> after)
      : from(complete(std::move(before))), to(complete(std::move(after))) {}

  static Catalog complete(std::vector<Object> objects) {
    objects.push_back(object_of(kSchema, {"s"}));
    objects.push_back(object_of(kTable, {"s", "t"}, {}, schema()));
    return Catalog(std::move(objects));
  }
  Context context() const {
    return Context{from,
                   to,
                   intents,
                   facts,
                   150000,
                   [this](const ObjectId& id) { return !from.contains(id); },
                   [](const ObjectId&) { return false; },
                   [](const ObjectId&) { return false; },
                   probes};
  }

  Catalog from, to;
  catalog::Intents intents;
  std::map<ObjectId, TableFacts> facts;
  std::map<ObjectId, recipes::ColumnProbe> probes;
};

Step created(const Object& made, std::vector<Object> before = {}) {
  const Statements world(std::move(before), {made});
  Steps steps = of(made.id).create(made, world.context());
  REQUIRE(steps.size() == 1);
  return steps.front();
}

std::string declared(const Object& made) {
  return of(made.id).declare(made, Catalog({object_of(kSchema, {"s"}), object_of(kTable, {"s", "t"}, {}, schema()), made}));
}

}  // namespace

TEST_CASE("a view is replaced where it stands and its old columns come first", "[kinds]") {
  const auto view = [](const std::string& query, List columns) {
    return object_of(
        kView, {"s", "v"},
        {{"query", query}, {"columns", std::move(columns)}, {"options", List{"check_option=local", "security_barrier=true"}}},
        schema());
  };
  const Object before = view("SELECT 1 AS a", {"a integer"});
  const Object after = view("SELECT 1 AS a, 2 AS b", {"a integer", "b integer"});
  CHECK(created(before).sql ==
        std::vector<std::string>{"CREATE VIEW s.v WITH (check_option = local, security_barrier = true) AS\nSELECT 1 AS a"});
  CHECK(created(after, {before}).sql.front().substr(0, 24) == "CREATE OR REPLACE VIEW s");
  CHECK(created(after, {before}).lock == plan::LockMode::access_exclusive);
  CHECK(kView.replaceable(before, after));
  CHECK_FALSE(kView.replaceable(after, before));
  CHECK_FALSE(kView.replaceable(before, view("SELECT 1", {})));
  CHECK(declared(before) == "view v with (security_barrier = true) as $$\nSELECT 1 AS a\n$$ with local check option");
}

TEST_CASE("a trigger keeps its state through a replacement", "[kinds]") {
  Object trigger = object_of(kTrigger, {"s", "t", "touch"},
                             {{"events", std::string("BEFORE UPDATE")},
                              {"action", std::string("FOR EACH ROW EXECUTE FUNCTION s.f()")},
                              {"enabled", std::string("always")}},
                             table());
  const Step made = created(trigger);
  CHECK(made.sql == std::vector<std::string>{"CREATE TRIGGER touch BEFORE UPDATE ON s.t FOR EACH ROW EXECUTE FUNCTION s.f()",
                                             "ALTER TABLE s.t ENABLE ALWAYS TRIGGER touch"});
  CHECK(made.lock == plan::LockMode::share_row_exclusive);
  CHECK(created(trigger, {trigger}).sql.size() == 2);
  CHECK(declared(trigger) == "trigger touch BEFORE UPDATE FOR EACH ROW EXECUTE FUNCTION s.f() always");
  Object constraint = trigger;
  constraint.set("constraint", true);
  CHECK_FALSE(kTrigger.replaceable(trigger, constraint));
}

TEST_CASE("a policy is altered unless it loses an expression or changes what it is for", "[kinds]") {
  const auto policy = [](std::vector<std::pair<std::string_view, catalog::Value>> values) {
    return object_of(kPolicy, {"s", "t", "p"}, std::move(values), table());
  };
  const Object before = policy({{"using", std::string("a = 1")}});
  const Object after = policy({{"using", std::string("a = 2")}, {"roles", List{"app"}}});
  CHECK(kPolicy.replaceable(before, after));
  CHECK_FALSE(kPolicy.replaceable(before, policy({{"check", std::string("a = 1")}})));
  CHECK_FALSE(kPolicy.replaceable(before, policy({{"using", std::string("a = 1")}, {"command", std::string("select")}})));
  const Step step = created(after, {before});
  CHECK(step.sql.front() == "ALTER POLICY p ON s.t TO app USING (a = 2)");
  CHECK(step.phase == plan::Phase::contract);
  CHECK_FALSE(step.breaking.empty());
  CHECK(created(before).phase == plan::Phase::expand);
}

TEST_CASE("a rule's relation is put back between its event and the rest", "[kinds]") {
  const auto sql = [](const std::string& definition) {
    return created(object_of(kRule, {"s", "t", "r"}, {{"definition", definition}}, table())).sql.front();
  };
  CHECK(sql("ON INSERT\n WHERE (new.a > 3) DO INSTEAD NOTHING") ==
        "CREATE RULE r AS ON INSERT TO s.t\n WHERE (new.a > 3) DO INSTEAD NOTHING");
  CHECK(sql("on delete do also notify x") == "CREATE RULE r AS on delete TO s.t do also notify x");
  CHECK(sql("on delete to s.t do instead nothing") == "CREATE RULE r AS on delete to s.t do instead nothing");
}

TEST_CASE("options are set and reset one by one", "[kinds]") {
  CHECK(option_actions({"a=1", "b=2"}, {"a=1", "c=x y"}) == std::vector<std::string>{"SET (c = 'x y')", "RESET (b)"});
  CHECK(option_actions({"a=1"}, {"a=1"}).empty());
  CHECK(options_text({"toast.autovacuum_enabled=false", "n=-1", "m=0.5"}) ==
        "toast.autovacuum_enabled = false, n = '-1', m = 0.5");
}

TEST_CASE("secrets of foreign objects are refused, never written", "[kinds]") {
  const Object server =
      object_of(kForeignServer, {"remote"}, {{"wrapper", std::string("w")}, {"options", List{"host=db1", "port=5432"}}});
  CHECK(created(server).sql.front() == "CREATE SERVER remote FOREIGN DATA WRAPPER w OPTIONS (host 'db1', port '5432')");
  CHECK(declared(server) == "foreign server remote (wrapper = w, options = (host = 'db1', port = 5432))");
  const Object secret =
      object_of(kForeignServer, {"remote"}, {{"wrapper", std::string("w")}, {"options", List{"Password=hush"}}});
  CHECK_THROWS_WITH(created(secret), Catch::Contains("Password") && !Catch::Contains("hush"));
  const Object mapping = object_of(kUserMapping, {"remote", "app"}, {{"options", List{"password", "user"}}});
  CHECK(created(mapping).sql == std::vector<std::string>{"CREATE USER MAPPING FOR app SERVER remote"});
  const Object read =
      object_of(kUserMapping, {"remote", "app"}, {{"options", List{"user=x"}}, {"secret_options", List{"password"}}});
  const Statements world({read}, {});
  CHECK(kUserMapping.drop(read, world.context()).front().losses.size() == 1);
  CHECK(declared(read) == "user mapping for app server remote (options = (\"user\" = x, password))");
  CHECK_THROWS_WITH(created(object_of(kUserMapping, {"remote", "app"}, {{"options", List{"password=hush"}}})),
                    !Catch::Contains("hush"));
}

TEST_CASE("an operator's arguments come from its identity", "[kinds]") {
  const auto sql = [](const std::string& arguments) {
    return created(object_of(kOperator, {"s", "===", arguments}, {{"function", std::string("s.f")}}, schema())).sql.front();
  };
  CHECK(sql("integer, bigint") == "CREATE OPERATOR s.=== (FUNCTION = s.f, LEFTARG = integer, RIGHTARG = bigint)");
  CHECK(sql("NONE, \"a,b\"") == "CREATE OPERATOR s.=== (FUNCTION = s.f, RIGHTARG = \"a,b\")");
  CHECK_THROWS_AS(sql("integer"), support::RefusedError);
}
