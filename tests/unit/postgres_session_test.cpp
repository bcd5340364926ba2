#include <unistd.h>

#include <chrono>
#include <thread>

#include "any_sql.h"
#include "postgres_server.h"
#include "support/error.h"

using namespace lockstep;
using postgres::connect;
using support::DatabaseError;

namespace {

DatabaseError::Facts error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const DatabaseError& error) {
    return error.facts();
  }
  FAIL("no DatabaseError");
  return {};
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::exception& error) {
    return error.what();
  }
  FAIL("no exception");
  return {};
}

}  // namespace

TEST_CASE("an error says where and what", "[postgres][session]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto database = testing::scratch();
  auto& session = database->session();

  const auto column = error_of([&] { session.execute("SELECT 'é', totl FROM pg_catalog.pg_class"); });
  CHECK(column.sqlstate == "42703");
  CHECK(column.message == "column \"totl\" does not exist");
  CHECK(column.position == 13);  // characters, not bytes
  CHECK_FALSE(column.connection_lost);

  session.execute("CREATE TABLE public.t (id int PRIMARY KEY); INSERT INTO public.t VALUES (1)");
  const auto duplicate = error_of([&] { session.query("INSERT INTO public.t VALUES ($1)", {"1"}); });
  CHECK(duplicate.sqlstate == "23505");
  CHECK(duplicate.detail == "Key (id)=(1) already exists.");
  const auto inner = error_of([&] { session.execute("DO $$ BEGIN PERFORM nothing(); END $$"); });
  CHECK(inner.hint.find("explicit type casts") != std::string::npos);
  CHECK(inner.context.find("in the query: SELECT nothing()") != std::string::npos);

  // Several statements are one transaction.
  error_of([&] { session.execute("INSERT INTO public.t VALUES (2); SELECT 1/0"); });
  CHECK(session.execute("SELECT count(*) FROM public.t").integer(0, 0) == 1);
  CHECK_THROWS_AS(session.query("SELECT 1; SELECT 2", {}), DatabaseError);
  CHECK_THROWS_AS(testing::any_sql(session, std::string("SELECT 1\0; DROP", 15)), support::InternalError);
}

TEST_CASE("settings are pinned whatever role and database say", "[postgres][session]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto database = testing::scratch();
  const std::string owner = database->session().execute("SELECT current_user").text(0, 0);
  for (const char* setting :
       {"search_path = public", "\"TimeZone\" = 'Asia/Tokyo'", "quote_all_identifiers = on", "row_security = on",
        "statement_timeout = 20", "standard_conforming_strings = off", "extra_float_digits = -15"}) {
    testing::any_sql(database->superuser(), "ALTER ROLE " + owner + " SET " + setting);
  }
  const auto session = connect(database->url(), "pinned");
  const auto show = [&](const std::string& name) { return testing::any_sql(*session, "SHOW " + name).text(0, 0); };
  CHECK(show("search_path") == "\"pg_catalog\", \"pg_temp\"");  // set while quote_all_identifiers was on
  CHECK(show("TimeZone") == "UTC");
  CHECK(show("quote_all_identifiers") == "off");
  CHECK(show("row_security") == "off");
  CHECK(show("statement_timeout") == "0");
  CHECK(show("standard_conforming_strings") == "on");
  CHECK(show("extra_float_digits") == "3");
  CHECK(show("client_encoding") == "UTF8");
  CHECK(show("check_function_bodies") == "off");
  CHECK(show("application_name") == "pinned");
  CHECK(session->execute("SELECT pg_backend_pid()").integer(0, 0) == session->backend_pid());
  CHECK(session->server_version() >= 140000);
}

TEST_CASE("a lost connection is known as lost", "[postgres][session]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto database = testing::scratch();
  const auto session = connect(database->url(), "victim");
  database->superuser().query("SELECT pg_terminate_backend($1::int, 5000)", {std::to_string(session->backend_pid())});
  const auto lost = error_of([&] { session->execute("COMMIT"); });
  CHECK(lost.connection_lost);
  CHECK_FALSE(lost.message.empty());
  CHECK_FALSE(session->connected());
  CHECK(error_of([&] { session->execute("SELECT 1"); }).connection_lost);
  CHECK_THROWS_AS(postgres::Transaction(*session), DatabaseError);
}

TEST_CASE("rows are copied out and in", "[postgres][session]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto database = testing::scratch();
  auto& session = database->session();
  session.execute("CREATE TABLE public.t (id int, word text); CREATE TABLE public.copy (id int, word text)");
  session.execute("INSERT INTO public.t SELECT i, CASE WHEN i % 2 = 0 THEN E'a\\tb\\n\\\\' END FROM generate_series(1, 1000) i");
  std::vector<std::string> rows;
  CHECK(session.copy_out(support::DeclaredSql("SELECT * FROM t ORDER BY id", {"public"}),
                         [&](std::string_view row) { rows.emplace_back(row); }) == 1000);
  REQUIRE(rows.size() == 1000);
  CHECK(rows[0] == "1\t\\N\n");
  std::size_t next = 0;
  CHECK(session.copy_in("COPY public.copy FROM STDIN", [&] { return next < rows.size() ? rows[next++] : std::string(); }) ==
        1000);
  CHECK(session.execute("SELECT * FROM public.t EXCEPT ALL SELECT * FROM public.copy").empty());

  CHECK_THROWS_AS(session.copy_in("COPY public.copy FROM STDIN", []() -> std::string { throw std::runtime_error("disk"); }),
                  std::runtime_error);
  CHECK_THROWS_AS(session.copy_out(support::DeclaredSql("SELECT * FROM public.t"),
                                   [](std::string_view) { throw std::runtime_error("disk"); }),
                  std::runtime_error);
  int asked = 0;
  CHECK(error_of([&] {
          session.copy_in("COPY public.copy FROM STDIN", [&] { return std::string(asked++ ? "" : "not a number\tx\n"); });
        }).sqlstate == "22P02");
  CHECK_THROWS_AS(session.copy_in("COPY public.t TO STDOUT", [] { return std::string(); }), support::InternalError);
  CHECK_THROWS_AS(session.execute("COPY public.t TO STDOUT"), support::InternalError);
  CHECK(session.execute("SELECT count(*) FROM public.copy").integer(0, 0) == 1000);  // the session is still good
}

TEST_CASE("notices keep severity and code", "[postgres][session]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto database = testing::scratch();
  auto& session = database->session();
  session.take_notices();
  session.execute("DO $$ BEGIN RAISE NOTICE 'first'; RAISE WARNING SQLSTATE 'LS001' USING MESSAGE = 'second'; END $$");
  const auto notices = session.take_notices();
  REQUIRE(notices.size() == 2);
  CHECK(notices[0].severity == "NOTICE");
  CHECK(notices[0].message == "first");
  CHECK(notices[1].severity == "WARNING");
  CHECK(notices[1].sqlstate == "LS001");
  CHECK(session.take_notices().empty());
}

TEST_CASE("a running statement is cancelled from another thread", "[postgres][session]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto database = testing::scratch();
  auto& session = database->session();
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    session.cancel();
  });
  const auto cancelled = error_of([&] { session.execute("SELECT pg_sleep(30)"); });
  canceller.join();
  CHECK(cancelled.sqlstate == "57014");
  CHECK(session.connected());
}

TEST_CASE("a transaction ends with its scope", "[postgres][session]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto database = testing::scratch();
  auto& session = database->session();
  session.execute("CREATE TABLE public.t (id int)");
  {
    const postgres::Transaction left(session);
    session.execute("INSERT INTO public.t VALUES (1)");
  }
  {
    postgres::Transaction kept(session);
    session.execute("INSERT INTO public.t VALUES (2)");
    kept.commit();
  }
  CHECK(session.execute("SELECT id FROM public.t").integer(0, 0) == 2);
}

TEST_CASE("arrays of PostgreSQL are read", "[postgres][session]") {
  using List = std::vector<std::string>;
  CHECK(postgres::parse_array("{}") == List{});
  CHECK(postgres::parse_array("{a,\"b c\",NULL}") == List{"a", "b c", ""});
  CHECK(postgres::parse_array("{\"NULL\",\"\",\"a\\\"b\\\\\"}") == List{"NULL", "", "a\"b\\"});
  CHECK_THROWS_AS(postgres::parse_array("a"), support::InternalError);
  LOCKSTEP_NEEDS_POSTGRES();
  const auto database = testing::scratch();
  const auto text = database->session().execute("SELECT ARRAY['', 'null', 'a,b', '{x}', E'q\"\\\\ \\n', 'é']::text[]").text(0, 0);
  CHECK(postgres::parse_array(text) == List{"", "null", "a,b", "{x}", "q\"\\ \n", "é"});
}

TEST_CASE("no message shows a password", "[postgres][url]") {
  const std::string secret = "hunter22";
  for (const char* url : {
           "postgresql://user:hunter22@127.0.0.1:1/db",
           "host=127.0.0.1 port=1 password=hunter22 user=x dbname=y",
           "postgresql://user:p@hunter22@host/db",
           "postgresql://user:p/hunter22@host/db",
           "postgresql://user:p?hunter22@host/db",
           "postgresql://user:hunter22/x@host/db",
           "host=x password=hunter22 oops hunter22",
           "postgresql://user:%ZZhunter22@host/db",
           "host=x port=hunter22",
           "hunter22",
           "",
       }) {
    const std::string message = message_of([&] { connect(url, "test"); });
    INFO(message);
    CHECK(message.find(secret) == std::string::npos);
    CHECK_FALSE(message.empty());
  }
}

TEST_CASE("declared text has its own search_path, and nothing else has", "[postgres][session]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto database = testing::scratch();
  auto& session = database->session();
  const std::string own = "pg_catalog, pg_temp";
  const auto path = [&] { return session.execute("SHOW search_path").text(0, 0); };
  session.execute("CREATE SCHEMA app; CREATE TABLE app.t (id int)");
  session.declared(support::DeclaredSql("SELECT * FROM t", {"app"}));
  CHECK(path() == own);
  CHECK_THROWS_AS(session.declared(support::DeclaredSql("SELECT nonsense FROM t", {"app"})), DatabaseError);
  CHECK(path() == own);
  // What the text itself sets doesn't stay either.
  session.declared(support::DeclaredSql("SET search_path TO app"));
  CHECK(path() == own);
  session.declared({support::DeclaredSql("CREATE TABLE u (id int)", {"app"}), support::DeclaredSql("SELECT 1", {"public"})});
  CHECK(path() == own);
  CHECK_THROWS_AS(session.declared({support::DeclaredSql("SELECT 1", {"app"}), support::DeclaredSql("nonsense", {"public"})}),
                  DatabaseError);
  CHECK(path() == own);
  {
    postgres::Transaction transaction(session);
    session.execute("SAVEPOINT before");
    CHECK_THROWS_AS(session.declared(support::DeclaredSql("SELECT nonsense FROM t", {"app"})), DatabaseError);
    session.execute("ROLLBACK TO SAVEPOINT before");
    CHECK(path() == own);
    session.declared(support::DeclaredSql("SELECT id FROM u", {"app"}));
    CHECK(path() == own);
    CHECK_THROWS_AS(session.declared(support::DeclaredSql("SELECT nonsense FROM t", {"app"})), DatabaseError);
  }
  CHECK(path() == own);
  CHECK_THROWS_AS(session.declared_single(support::DeclaredSql("SELECT 1; SELECT 2")), DatabaseError);
}

TEST_CASE("composed text holds names and nothing else", "[support][sql]") {
  using support::Sql;
  CHECK(Sql::relation("shop.\"Order; Lines\"").text() == "shop.\"Order; Lines\"");
  CHECK(Sql::relation("\"a\"\"b\"").text() == "\"a\"\"b\"");
  for (const char* text : {"", "shop.", ".t", "t; DROP TABLE x", "t u", "\"open", "t--", "(SELECT 1)"}) {
    CHECK_THROWS_AS(Sql::relation(text), support::InternalError);
  }
  CHECK(Sql::type("numeric(10,2)[]").text() == "numeric(10,2)[]");
  CHECK(Sql::type("\"My Schema\".\"t;\"").text() == "\"My Schema\".\"t;\"");
  for (const char* text : {"", "int; DROP TABLE x", "int -- x", "int 'x'", "\"open", "int /* x */"}) {
    CHECK_THROWS_AS(Sql::type(text), support::InternalError);
  }
  CHECK(("DROP ROLE " + Sql::identifier("a\"b") + ", " + Sql::identifiers({"c", "D"})).text() ==
        "DROP ROLE \"a\"\"b\", c, \"D\"");
}
