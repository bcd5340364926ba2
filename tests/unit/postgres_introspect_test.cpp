#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include "any_sql.h"
#include "catalog/keys.h"
#include "object_id.h"
#include "postgres/introspect.h"
#include "postgres_server.h"
#include "support/error.h"

using namespace lockstep;
using catalog::Catalog;
using catalog::ObjectId;
using testing::id;

namespace {

// As to_string(id) of what the object depends on, "(auto) " before what PostgreSQL drops along.
std::vector<std::string> needs(const Catalog& catalog, const ObjectId& object) {
  std::vector<std::string> result;
  for (const auto& edge : catalog.edges_from(catalog.index_of(object).value())) {
    result.push_back((edge.automatic ? "(auto) " : "") + to_string(catalog.at(edge.referenced).id));
  }
  return result;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a database is read with its dependencies", "[postgres][introspect]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto database = testing::scratch();
  auto& session = database->superuser();
  session.execute(R"sql(
    CREATE SCHEMA s; CREATE SCHEMA lockstep; CREATE TABLE lockstep.run (id int PRIMARY KEY);
    CREATE EXTENSION citext SCHEMA public;
    CREATE TYPE s.state AS ENUM ('a', 'b');
    CREATE TABLE s.t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mail public.citext, state s.state DEFAULT 'a',
                      n int, twice int GENERATED ALWAYS AS (n * 2) STORED);
    CREATE TABLE s.u (id bigint REFERENCES s.t (id));
    CREATE VIEW s.v AS SELECT id, mail FROM s.t;
    CREATE VIEW s.w AS SELECT id FROM s.v;
    CREATE TABLE s.p (id int PRIMARY KEY, at int) PARTITION BY RANGE (id);
    CREATE INDEX p_at ON s.p (at);
    CREATE TABLE s.p1 PARTITION OF s.p FOR VALUES FROM (1) TO (10);
    CREATE TABLE s.p2 PARTITION OF s.p DEFAULT;
    CREATE FUNCTION s.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
    CREATE TRIGGER tr BEFORE INSERT ON s.p FOR EACH ROW EXECUTE FUNCTION s.f();
    CREATE TEMP TABLE gone (id int PRIMARY KEY); CREATE TEMP VIEW gone_too AS SELECT * FROM s.t;
    CREATE OPERATOR FAMILY s.fam USING btree;
    INSERT INTO s.p SELECT i, i FROM generate_series(1, 1000) i)sql");
  const auto snapshot = postgres::introspect(session);
  const Catalog& catalog = snapshot.catalog;

  CHECK(needs(catalog, id("view", {"s", "v"})) == Names{"column s.t.id", "column s.t.mail"});
  CHECK(needs(catalog, id("view", {"s", "w"})) == Names{"view column s.v.id"});
  CHECK(needs(catalog, id("column", {"s", "t", "mail"})) == Names{"extension citext"});
  CHECK(needs(catalog, id("column", {"s", "t", "state"})) == Names{"enum s.state"});
  CHECK(needs(catalog, id("column", {"s", "t", "twice"})) == Names{"column s.t.n"});
  CHECK(needs(catalog, id("column", {"s", "t", "id"})).empty());
  CHECK(needs(catalog, id("foreign_key", {"s", "u", "u_id_fkey"})) ==
        Names{"column s.t.id", "(auto) column s.u.id", "primary key s.t.t_pkey"});
  CHECK(needs(catalog, id("table", {"s", "p1"})) == Names{"(auto) table s.p"});
  CHECK(needs(catalog, id("index", {"s", "p", "p_at"})) == Names{"(auto) column s.p.at"});
  CHECK(needs(catalog, id("trigger", {"s", "p", "tr"})) == Names{"function s.f()"});
  CHECK(catalog.contains(id("schema", {"public"})));
  CHECK_FALSE(catalog.contains(id("schema", {"lockstep"})));
  CHECK_FALSE(catalog.contains(id("index", {"s", "p1", "p1_at_idx"})));  // its parent's clone

  REQUIRE(snapshot.unmanaged.size() == 1);
  CHECK(snapshot.unmanaged[0].description == "operator family s.fam for access method btree");
  CHECK(snapshot.unmanaged[0].needs == std::vector<ObjectId>{id("schema", {"s"})});
  CHECK(snapshot.facts.at(id("table", {"s", "p"})).bytes > 16 * 1024);
  CHECK(snapshot.facts.at(id("table", {"s", "p1"})).bytes == 8192);
  CHECK(snapshot.facts.at(id("table", {"s", "t"})).bytes == 0);
  CHECK(snapshot.encoding == "UTF8");
  CHECK(snapshot.locale_provider == "libc");
  CHECK(snapshot.current_user == "lockstep_root");
  CHECK(snapshot.target.server_version == session.server_version());
  CHECK_FALSE(snapshot.target.system_identifier.empty());

  CHECK(postgres::introspect(session).catalog.fingerprint() == catalog.fingerprint());
  // A role without rights reads the same.
  CHECK(postgres::introspect(database->session()).catalog.fingerprint() == catalog.fingerprint());
}

TEST_CASE("who holds a lock we wait for is named", "[postgres][introspect]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto database = testing::scratch();
  database->superuser().execute("CREATE TABLE public.t (id int); CREATE VIEW public.v AS SELECT * FROM public.t");
  const auto blocker = postgres::connect(database->url(), "the blocker");
  const postgres::Transaction held(database->superuser());
  database->superuser().execute("LOCK TABLE public.t, public.v IN ACCESS EXCLUSIVE MODE");
  postgres::IntrospectOptions options;
  options.lock_timeout_ms = 200;
  try {
    postgres::introspect(*blocker, options);
    FAIL("no error");
  } catch (const support::CommandError& error) {
    const std::string message = error.what();
    INFO(message);
    CHECK(message.find("public.") != std::string::npos);
    CHECK(message.find("process " + std::to_string(database->superuser().backend_pid())) != std::string::npos);
    CHECK(message.find("lockstep scratch") != std::string::npos);
  }
}

// The view's text must speak of the column's name of the same moment, although PostgreSQL prints it outside the snapshot.
TEST_CASE("a read under concurrent DDL is consistent or refused", "[postgres][introspect]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto database = testing::scratch();
  auto& session = database->superuser();
  session.execute("CREATE TABLE public.t (c0 int); CREATE VIEW public.v AS SELECT c0 AS x FROM public.t");
  const auto reader = postgres::connect(database->url(), "reader");
  std::atomic<bool> done{false};
  struct Joined {
    std::atomic<bool>& done;
    std::thread thread;
    ~Joined() {
      done = true;
      thread.join();
    }
  };
  const Joined ddl{
      done, std::thread([&] {
        std::mt19937 random(7);
        for (int i = 0; !done; ++i) {
          testing::any_sql(session, "ALTER TABLE public.t RENAME COLUMN c" + std::to_string(i) + " TO c" + std::to_string(i + 1));
          if (i % 3 == 0) session.execute("DROP VIEW public.v");
          if (i % 3 == 0)
            testing::any_sql(session, "CREATE VIEW public.v AS SELECT c" + std::to_string(i + 1) + " AS x FROM public.t");
          std::this_thread::sleep_for(std::chrono::milliseconds(random() % 600));
        }
      })};
  int read = 0, refused = 0;
  for (int i = 0; i < 25 || (read == 0 && i < 100); ++i) {  // on a busy machine a read may take longer than the pauses
    try {
      const auto snapshot = postgres::introspect(*reader);
      ++read;
      const auto view = snapshot.catalog.find(id("view", {"public", "v"}));
      if (!view) continue;  // between DROP and CREATE
      const Names columns = needs(snapshot.catalog, view->id);
      REQUIRE(columns.size() == 1);
      const std::string name = columns[0].substr(columns[0].rfind('.') + 1);
      CHECK(view->get(keys::kQuery).find(name + " AS x") != std::string::npos);
    } catch (const support::CommandError& error) {
      ++refused;
      CHECK(std::string(error.what()).find("the schema changed under each of") != std::string::npos);
    }
  }
  INFO(read << " read, " << refused << " refused");
  CHECK(read > 0);
}
