#include "object_id.h"
#include "postgres/introspect.h"
#include "postgres_server.h"
#include "reconciler/closure.h"

using namespace lockstep;
using catalog::Catalog;
using catalog::ObjectId;
using testing::id;

namespace {

std::vector<std::string> roots(const Catalog& catalog) {
  std::set<std::string> names;
  for (catalog::Index i = 0; i < catalog.objects().size(); ++i) names.insert(to_string(catalog.at(catalog.root(i)).id));
  return {names.begin(), names.end()};
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a part of a database is what a change of it needs and reaches", "[postgres][reconciler]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto database = testing::scratch();
  auto& session = database->superuser();
  session.execute(R"sql(
    DROP SCHEMA public;
    CREATE SCHEMA s;
    CREATE TABLE s.a (id int PRIMARY KEY, n int);
    CREATE TABLE s.b (id int PRIMARY KEY, a int REFERENCES s.a (id), n int CHECK (n > 0));
    CREATE TABLE s.c (id int PRIMARY KEY, b int REFERENCES s.b (id), n int);
    CREATE TABLE s.d (id int PRIMARY KEY, c int REFERENCES s.c (id));
    CREATE VIEW s.of_b AS SELECT n FROM s.b;
    CREATE VIEW s.of_of_b AS SELECT n FROM s.of_b;
    CREATE VIEW s.of_b_and_d AS SELECT b.id, d.c FROM s.b, s.d;
    CREATE TABLE s.p (id int, at int) PARTITION BY RANGE (id);
    CREATE TABLE s.p1 PARTITION OF s.p FOR VALUES FROM (1) TO (10);
    CREATE TABLE s.p2 PARTITION OF s.p FOR VALUES FROM (10) TO (20);
    CREATE INDEX p1_at ON s.p1 (at);
    CREATE FUNCTION s.far() RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE PUBLICATION selected FOR TABLE s.d)sql");
  const Catalog whole = postgres::introspect(session).catalog;
  const auto names_of = [&](std::set<ObjectId> touched) { return roots(reconciler::closure_of(whole, whole, touched).catalog); };

  SECTION("a new column: its table entirely, what is on it, and shells of what these need") {
    Catalog wanted;
    {
      session.execute("ALTER TABLE s.b ADD COLUMN more text");
      wanted = postgres::introspect(session).catalog;
    }
    const auto closure = reconciler::closure_of(whole, wanted, {id("column", {"s", "b", "more"})});
    CHECK(roots(closure.catalog) ==
          Names{"schema s", "table s.a", "table s.b", "table s.c", "table s.d", "view s.of_b", "view s.of_b_and_d"});
    CHECK(closure.entire == std::set<ObjectId>{id("table", {"s", "b"})});
    CHECK(closure.catalog.contains(id("check", {"s", "b", "b_n_check"})));
    CHECK(closure.catalog.contains(id("foreign_key", {"s", "c", "c_b_fkey"})));
    CHECK(closure.catalog.contains(id("column", {"s", "a", "n"})));
    CHECK_FALSE(closure.catalog.contains(id("foreign_key", {"s", "d", "d_c_fkey"})));  // s.d is there for a view only
  }
  SECTION("what depends on a changed column comes along, to the end") {
    CHECK(names_of({id("column", {"s", "b", "n"})}) == Names{"schema s", "table s.a", "table s.b", "table s.c", "table s.d",
                                                             "view s.of_b", "view s.of_b_and_d", "view s.of_of_b"});
    CHECK(names_of({id("column", {"s", "d", "id"})}) ==
          Names{"publication selected", "schema s", "table s.b", "table s.c", "table s.d", "view s.of_b_and_d"});
  }
  SECTION("partitions change along with their parent, entirely") {
    const auto closure = reconciler::closure_of(whole, whole, {id("column", {"s", "p", "at"})});
    CHECK(closure.entire == std::set<ObjectId>{id("table", {"s", "p"}), id("table", {"s", "p1"}), id("table", {"s", "p2"})});
    CHECK(closure.catalog.contains(id("index", {"s", "p1", "p1_at"})));
  }
  SECTION("what a partition comes from is there entirely, and of its siblings what that takes") {
    const auto closure = reconciler::closure_of(whole, whole, {id("column", {"s", "p2", "at"})});
    CHECK(closure.entire == std::set<ObjectId>{id("table", {"s", "p"}), id("table", {"s", "p2"})});
    CHECK(closure.catalog.contains(id("column", {"s", "p1", "at"})));
    CHECK_FALSE(closure.catalog.contains(id("index", {"s", "p1", "p1_at"})));
  }
  SECTION("not all that is in a schema whose comment changes") {
    CHECK(names_of({id("schema", {"s"})}) == Names{"schema s"});
  }
  SECTION("who has the name of a new relation is in the way") {
    CHECK(names_of({id("index", {"s", "a", "of_b"})}) == Names{"schema s", "table s.b", "view s.of_b", "view s.of_of_b"});
  }
  SECTION("a step outside of it is seen") {
    const auto closure = reconciler::closure_of(whole, whole, {id("column", {"s", "a", "n"})});
    plan::Plan plan;
    plan.steps.emplace_back();
    plan.steps.back().destroys = {id("column", {"s", "a", "n"})};
    CHECK(reconciler::covers(closure, whole, plan));
    plan.steps.back().consumes = {id("function", {"s", "far", ""})};
    CHECK_FALSE(reconciler::covers(closure, whole, plan));
    plan.steps.back().consumes = {id("column", {"s", "b", "a"})};  // there, but not entirely
    CHECK_FALSE(reconciler::covers(closure, whole, plan));
  }
  SECTION("the whole with the part as it became") {
    const auto closure = reconciler::closure_of(whole, whole, {id("view", {"s", "of_of_b"})});
    CHECK(with_closure(whole, closure, closure.catalog).fingerprint() == whole.fingerprint());
    session.execute("DROP VIEW s.of_of_b");
    const Catalog smaller = postgres::introspect(session).catalog;
    std::vector<catalog::Object> left;
    for (const auto& object : closure.catalog.objects()) {
      if (smaller.contains(object.id)) left.push_back(object);
    }
    CHECK(with_closure(whole, closure, Catalog(std::move(left))).fingerprint() == smaller.fingerprint());
  }
}
