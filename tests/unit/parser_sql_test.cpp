// Plain SQL: how it is split, what may stand in it, where its errors are.
#include <catch2/catch.hpp>

#include "parser/sql_mask.h"
#include "parser/sql_reader.h"
#include "tests/unit/parser_fixture.h"

namespace lockstep::parser {
namespace {

struct Sql {
  Script script;
  support::Diagnostics diagnostics;
};

Sql sql(const std::string& text) {
  Sql result;
  result.script = read_sql(std::make_shared<support::SourceText>("t.sql", text), result.diagnostics);
  return result;
}

// "make CREATE TABLE t (a int)|own …", first line of each.
std::string statements(const std::string& text) {
  const Sql read = sql(text);
  std::string result = errors(read.diagnostics);
  for (const auto& statement : read.script.statements) {
    result += statement.duty == Duty::make ? "make " : statement.duty == Duty::own ? "own " : "grant ";
    if (statement.superuser) result += "super ";
    result += std::string(statement.span.text().substr(0, statement.span.text().find('\n'))) + "|";
  }
  return result;
}

std::string refused(const std::string& text) {
  const Sql read = sql(text);
  CHECK(read.script.statements.empty());
  const std::string all = errors(read.diagnostics);
  return all.substr(0, all.find(':', all.find(' ')));
}

TEST_CASE("definitions are taken as they stand", "[sql]") {
  CHECK(statements("CREATE TABLE t (a int);\n-- a comment\nCREATE VIEW v AS SELECT 1") ==
        "make CREATE TABLE t (a int)|make CREATE VIEW v AS SELECT 1|");
  CHECK(statements("BEGIN; CREATE SCHEMA s; COMMIT;") == "make CREATE SCHEMA s|");
  CHECK(statements("ALTER TABLE t OWNER TO bob; GRANT SELECT ON t TO bob; ALTER FUNCTION f() OWNER TO bob;") ==
        "own super ALTER TABLE t OWNER TO bob|grant GRANT SELECT ON t TO bob|own super ALTER FUNCTION f() OWNER TO bob|");
  CHECK(statements("CREATE PUBLICATION a FOR ALL TABLES; CREATE PUBLICATION b FOR TABLE t;") ==
        "make super CREATE PUBLICATION a FOR ALL TABLES|make CREATE PUBLICATION b FOR TABLE t|");
  CHECK(statements("SECURITY LABEL FOR p ON COLUMN t.a IS 'x'; SECURITY LABEL FOR 'p q' ON ROUTINE f(int) IS NULL;") ==
        "grant SECURITY LABEL FOR p ON COLUMN t.a IS 'x'|grant SECURITY LABEL FOR 'p q' ON ROUTINE f(int) IS NULL|");
}

TEST_CASE("a body is not split", "[sql]") {
  CHECK(statements(
            "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a > 1 THEN 2 END; END;"
            "CREATE TABLE t ();") ==
        "make CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a > 1 THEN 2 END; END|"
        "make CREATE TABLE t ()|");
  CHECK(statements("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $x$ SELECT 1; $$;$$ DROP TABLE t; $x$;") ==
        "make CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $x$ SELECT 1; $$;$$ DROP TABLE t; $x$|");
  CHECK(statements("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);") ==
        "make CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)|");
}

TEST_CASE("syntax newer than the parser is PostgreSQL's to judge", "[sql]") {
  CHECK(statements(
            "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a) VIRTUAL); CREATE VIEW v AS SELECT * FROM JSON_TABLE('[]', '$' "
            "COLUMNS (a int)) x;") ==
        "make CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a) VIRTUAL)|"
        "make CREATE VIEW v AS SELECT * FROM JSON_TABLE('[]', '$' COLUMNS (a int)) x|");
  CHECK(statements("CREAT TABLE t ();") == "1:1 LS0100 syntax error at or near \"CREAT\"\n");
  CHECK(statements("CREATE TABLE t ();\nCREATE TABLE u (a text DEFAULT 'x);").substr(0, 11) == "2:32 LS0103");
}

TEST_CASE("whatever is no definition is refused by name, all of it", "[sql]") {
  const auto text = GENERATE(
      as<std::string>{}, "DO $$ BEGIN END $$", "INSERT INTO t VALUES (1)", "UPDATE t SET a = 1", "DELETE FROM t", "SELECT 1",
      "SELECT pg_catalog.setval('s', 1)", "SELECT set_config('search_path', f(), false)", "COPY t TO '/tmp/x'",
      "COPY t FROM PROGRAM 'x'", "CREATE TABLE t AS SELECT 1", "SELECT 1 INTO t", "CREATE TEMP TABLE t (a int)",
      "ALTER SYSTEM SET a = 1", "CREATE DATABASE d", "CREATE ROLE r", "CREATE USER u", "CREATE TABLESPACE s LOCATION '/x'",
      "DROP TABLE t", "DROP ROLE r", "LOAD 'x'", "VACUUM", "ROLLBACK", "SAVEPOINT s", "LISTEN x", "PREPARE p AS SELECT 1",
      "EXECUTE p", "CALL p()", "GRANT a TO b", "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p",
      "CREATE OPERATOR FAMILY f USING btree", "SECURITY LABEL ON TABLE t IS 'x'", "SECURITY LABEL FOR p ON ROLE r IS 'x'",
      "SECURITY LABEL FOR p ON LANGUAGE sql IS 'x'", "SECURITY LABEL FOR p ON TABLESPACE s IS 'x'", "ALTER EXTENSION e UPDATE",
      "CREATE EXTENSION e CASCADE", "COMMENT ON DATABASE d IS 'x'", "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO bob",
      "ALTER TABLE t ADD a int, OWNER TO bob", "REFRESH MATERIALIZED VIEW m", "TRUNCATE t",
      "IMPORT FOREIGN SCHEMA s FROM SERVER x INTO y", "ALTER FOREIGN DATA WRAPPER w OPTIONS (a 'b')");
  CAPTURE(text);
  CHECK(refused(text + ";").find("1:1 LS0111 ") == 0);
}

TEST_CASE("only settings that definitions are read under are taken", "[sql]") {
  const Sql read =
      sql("CREATE TABLE a ();\nSET search_path = s, public;\nCREATE TABLE b ();\n"
          "SELECT pg_catalog.set_config('search_path', '', false);\nSET default_tablespace = 'x';\nCREATE TABLE c ();");
  CHECK(read.diagnostics.empty());
  REQUIRE(read.script.statements.size() == 3);
  const auto settings = [&](std::size_t i) { return read.script.statements[i].settings; };
  CHECK(settings(0) ==
        std::string(kNoSettings.text()) + "SELECT pg_catalog.set_config('search_path', '\"$user\", public', false);\n");
  CHECK(settings(1) == std::string(kNoSettings.text()) + "SELECT pg_catalog.set_config('search_path', 's, public', false);\n");
  CHECK(settings(2) == std::string(kNoSettings.text()) +
                           "SELECT pg_catalog.set_config('search_path', '', false);\n"
                           "SELECT pg_catalog.set_config('default_tablespace', 'x', false);\n");
  CHECK(read.script.statements[0].makes == catalog::Path{"public", "a"});
  CHECK(read.script.statements[1].makes == catalog::Path{"s", "b"});
  CHECK(sql("SET statement_timeout = 0; SET client_encoding = 'UTF8'; SET row_security = off;").diagnostics.empty());
  CHECK(refused("SET work_mem = '1GB';") == "1:1 LS0112 the setting work_mem can't be set in a desired state [leave it out");
  CHECK(refused("SET standard_conforming_strings = off;").find("1:1 LS0112") == 0);
  CHECK(refused("SET ROLE bob;").find("1:1 LS0112") == 0);
  CHECK(refused("SET SESSION AUTHORIZATION bob;").find("1:1 LS0112") == 0);
  CHECK(refused("SET LOCAL search_path = s;").find("1:1 LS0112") == 0);
}

TEST_CASE("what psql reads itself", "[sql]") {
  CHECK(statements("\\restrict x\nCREATE TABLE t ();\n\\unrestrict x\n") == "make CREATE TABLE t ()|");
  CHECK(statements("CREATE TABLE t ();\n\\connect d\n").substr(0, 22) == "2:1 LS0110 \\connect is");
  CHECK(statements("CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$\n\\x\n$$;").find("LS01") == std::string::npos);
  CHECK(statements("COMMENT ON TABLE t IS 'a\n\\x';").find("LS01") == std::string::npos);
  const std::string rows = "COPY t (a) FROM stdin;\n1\t'\n$$\n\\.\nCREATE TABLE u ();";
  CHECK(mask_psql(rows).text.size() == rows.size());
  CHECK(errors(sql(rows).diagnostics).find("1:1 LS0111 COPY") == 0);
  CHECK(sql(rows).script.statements.size() == 1);
}

TEST_CASE("roles are collected, whoever runs it is refused", "[sql]") {
  const Sql read = sql("GRANT SELECT ON t TO alice, PUBLIC;\nCREATE SCHEMA s AUTHORIZATION bob;");
  REQUIRE(read.script.roles.size() == 2);
  CHECK(read.script.roles[0].first == "alice");
  CHECK(read.script.roles[1].second.place() == "t.sql:2:31");
  CHECK(refused("ALTER TABLE t OWNER TO CURRENT_USER;").find("1:24 LS0113") == 0);
}

TEST_CASE("what only a superuser may make comes from parsed values", "[sql]") {
  const Sql read =
      sql("CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public; COMMENT ON EXTENSION hstore IS 'x';"
          "CREATE EXTENSION IF NOT EXISTS plpgsql; CREATE EVENT TRIGGER e ON ddl_command_end WHEN TAG IN ('A', 'B') "
          "EXECUTE FUNCTION s.f(); ALTER EVENT TRIGGER e DISABLE; ALTER EVENT TRIGGER e OWNER TO bob;");
  CHECK(errors(read.diagnostics).empty());
  CHECK(read.script.statements.empty());
  support::Diagnostics diagnostics;
  const Declared declared = lower({}, {read.script}, {}, diagnostics);
  CHECK(errors(diagnostics).empty());
  CHECK(dump(declared.catalog) ==
        "comment extension.hstore text=\"x\"\n"
        "event trigger e definition=\"ON ddl_command_end WHEN TAG IN ('A', 'B') EXECUTE FUNCTION s.f() DISABLED\" owner=\"bob\"\n"
        "extension hstore schema=\"public\"\n");
  CHECK(refused("ALTER EVENT TRIGGER e ENABLE ALWAYS;").find("1:1 LS0111") == 0);
}

TEST_CASE("one object in two files is an error naming both", "[sql]") {
  support::Diagnostics diagnostics;
  const auto script = [&](const std::string& name, const std::string& text) {
    return read_sql(std::make_shared<support::SourceText>(name, text), diagnostics);
  };
  lower({},
        {script("a.sql", "CREATE TABLE s.t ();\nCREATE FUNCTION s.f(a int) RETURNS int LANGUAGE sql AS '';"),
         script("b.sql",
                "CREATE FUNCTION s.f(b integer) RETURNS int LANGUAGE sql AS '';CREATE FUNCTION s.f(text) RETURNS int "
                "LANGUAGE sql AS '';\nCREATE VIEW s.t AS SELECT 1;")},
        {}, diagnostics);
  CHECK(errors(diagnostics) == "1:1 LS0201 s.f(int4) is declared twice\n2:1 LS0201 s.t is declared twice\n");
  REQUIRE(!diagnostics.sorted().empty());
  CHECK(diagnostics.sorted().front().notes.front().span.place() == "a.sql:2:1");
}

TEST_CASE("a sql block of a schema file", "[sql]") {
  const std::string text = "schema s {\n  sql extra $$\n    CREATE TABLE t (a int);\n    DROP TABLE u;\n  $$;\n}\n";
  const Lowered lowered = lower_texts({text});
  CHECK(errors(lowered.diagnostics).find("4:5 LS0111 DROP TABLE") == 0);
  REQUIRE(lowered.declared.scripts.size() == 1);
  CHECK(lowered.declared.scripts[0].statements[0].makes == catalog::Path{"s", "t"});
  CHECK(errors(lower_texts({"sql x 'COMMENT ON TABLE t IS ''a''';"}).diagnostics).find("1:7 LS0107") == 0);
}

}  // namespace
}  // namespace lockstep::parser
