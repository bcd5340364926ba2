#!/usr/bin/env python3
"""What scripts rely on, tried on the real binary: exit codes, streams, flags, refusals. tests/cli/run.py [--lockstep BINARY]"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from server import Server  # noqa: E402

ONE = "schema app {\n  table t { id bigint not null primary key; note text; }\n}\n"
TWO = "schema app {\n  table t { id bigint not null primary key; note text; extra integer; }\n}\n"
LESS = "schema app {\n  table t { id bigint not null primary key; }\n}\n"
WRONG = "schema app {\n  table t { id bigint not null primary key; note txt; }\n}\n"


class Cli(unittest.TestCase):
    lockstep = ""

    @classmethod
    def setUpClass(cls):
        cls.server = Server().__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="lockstep_cli_")
        self.addCleanup(holder.cleanup)
        self.folder = holder.name
        self.database = self.server.new_database()
        self.url = self.server.url(self.database)
        for name, text in (("one", ONE), ("two", TWO), ("less", LESS), ("wrong", WRONG)):
            self.write(name + ".schema", text)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as stream:
            stream.write(text)

    def call(self, code, *arguments, environment=None):
        done = subprocess.run([self.lockstep, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=120, env=dict(os.environ, **(environment or {})))
        self.assertEqual(code, done.returncode, f"lockstep {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        self.assertNotIn("\x1b", done.stdout + done.stderr)
        return done

    def apply(self, code, schema, *more):
        return self.call(code, "apply", "--url", self.url, "--schema", schema + ".schema", *more)

    def test_usage(self):
        for arguments in ([], ["nonsense"], ["plan", "--nonsense"], ["plan"], ["plan", "--url", self.url],
                          ["plan", "--url", self.url, "--schema", "missing.schema"],
                          ["plan", "--url", self.url, "--schema", "none*.schema"],
                          ["plan", "--url", self.url, "--env", "dev", "--schema", "one.schema"],
                          ["plan", "--url", self.url, "--schema", "one.schema", "--format", "html"],
                          ["apply", "--url", self.url, "--schema", "one.schema", "--yes", "--allow", "nonsense"],
                          ["apply", "--url", self.url, "--schema", "one.schema", "--yes", "--phase", "expand"],
                          ["apply", "missing.json", "--url", self.url]):
            with self.subTest(arguments=arguments):
                self.assertTrue(self.call(64, *arguments).stderr.strip())
        self.assertIn("apply", self.call(0, "--help").stdout)
        self.assertIn("--allow", self.call(0, "apply", "--help").stdout)
        self.assertRegex(self.call(0, "--version").stdout, r"^lockstep \d+\.\d+\.\d+$")

    def test_a_broken_file_touches_nothing(self):
        done = self.apply(64, "wrong", "--yes")
        self.assertIn("wrong.schema:2:", done.stderr)
        self.assertEqual("", self.server.sql(self.database, "SELECT 1 FROM pg_namespace WHERE nspname IN ('app', 'lockstep')"))

    def test_plan_apply_status(self):
        arguments = ("--url", self.url, "--schema", "one.schema")
        self.assertIn("never applied", self.call(0, "status", *arguments).stdout)
        self.call(0, "plan", *arguments)
        self.call(2, "plan", *arguments, "--detailed-exitcode")
        self.assertIn("CREATE TABLE", self.call(0, "plan", *arguments, "--format", "sql").stdout)
        self.assertIn("steps", json.loads(self.call(0, "plan", *arguments, "--format", "json").stdout))
        self.assertEqual("", self.server.sql(self.database, "SELECT 1 FROM pg_namespace WHERE nspname IN ('app', 'lockstep')"))
        self.assertIn("live equals desired", self.apply(0, "one", "--yes").stdout)
        self.assertIn("nothing to do: live equals desired", self.apply(0, "one").stdout)
        done = self.call(0, "plan", *arguments, "--detailed-exitcode", "--format", "sql")
        self.assertEqual([], [line for line in done.stdout.splitlines() if line and not line.startswith("--")])
        status = self.call(0, "status", *arguments).stdout
        self.assertIn("done", status)
        self.assertIn("nothing: live equals desired", status)

    def test_nobody_to_ask(self):
        done = self.apply(3, "one")
        self.assertIn("--yes", done.stderr)
        self.assertEqual("", self.server.sql(self.database, "SELECT 1 FROM pg_namespace WHERE nspname = 'app'"))

    def test_hazards_need_consent(self):
        self.apply(0, "one", "--yes")
        self.server.sql(self.database, "INSERT INTO app.t VALUES (1, 'x')")
        done = self.apply(3, "less", "--yes")
        self.assertIn("--allow drop-column:app.t.note", done.stderr)
        self.apply(3, "less", "--yes", "--allow", "drop-column:app.other.*,rewrite")
        self.assertEqual("x\n", self.server.sql(self.database, "SELECT note FROM app.t"))
        done = self.apply(0, "less", "--yes", "--allow", "drop:app.t.*")
        self.assertIn("backup: ", done.stdout)

    def test_nothing_overrides_protect(self):
        self.apply(0, "one", "--yes")
        self.write("guarded.schema", LESS.rstrip().rstrip("}") + "  protect column t.note;\n}\n")
        done = self.apply(3, "guarded", "--yes", "--allow", "all")
        self.assertIn("app.t.note is protected", done.stderr)
        self.apply(0, "less", "--yes", "--allow", "all")

    def test_a_view_made_since_stops_a_saved_plan(self):
        self.apply(0, "one", "--yes")
        self.call(0, "plan", "--url", self.url, "--schema", "less.schema", "-o", "plan.json")
        self.server.sql(self.database, "CREATE VIEW app.since AS SELECT note FROM app.t")
        done = self.call(4, "apply", "plan.json", "--url", self.url, "--yes", "--allow", "all")
        self.assertIn("what depends on column app.t.note has changed", done.stderr)

    def test_saved_plan(self):
        self.apply(0, "one", "--yes")
        self.call(0, "plan", "--url", self.url, "--schema", "two.schema", "-o", "plan.json")
        other = self.server.url(self.server.new_database())
        self.assertIn("wrong target", self.call(4, "apply", "plan.json", "--url", other, "--yes").stderr)
        self.server.sql(self.database, "ALTER TABLE app.t ADD COLUMN extra text")
        self.assertIn("app.t.extra", self.call(4, "apply", "plan.json", "--url", self.url, "--yes").stderr)
        self.server.sql(self.database, "ALTER TABLE app.t DROP COLUMN extra")
        self.call(0, "apply", "plan.json", "--url", self.url, "--yes")
        self.call(0, "plan", "--url", self.url, "--schema", "two.schema", "--detailed-exitcode")
        with open(os.path.join(self.folder, "plan.json"), encoding="utf-8") as stream:
            self.write("edited.json", stream.read().replace("extra integer", "extra bigint"))
        self.call(8, "apply", "edited.json", "--url", self.url, "--yes")

    def test_another_run_holds_the_lock(self):
        self.apply(0, "one", "--yes")
        blocker = subprocess.Popen([f"{self.server.bin}/psql", "-X", "-q", "-d", self.url, "-c",
                                    "BEGIN; LOCK app.t IN ACCESS SHARE MODE; SELECT pg_sleep(60)"], stdout=subprocess.DEVNULL)
        first = subprocess.Popen([self.lockstep, "apply", "--url", self.url, "--schema", "two.schema", "--yes", "--allow", "all"],
                                 cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            for _ in range(200):
                if self.server.sql(self.database, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted"):
                    break
            self.assertIn("pid", self.apply(5, "two", "--yes", "--allow", "all").stderr)
        finally:
            blocker.terminate()
            blocker.wait()
            self.server.sql(self.database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ~ 'pg_sleep' AND pid <> pg_backend_pid()")
        out, err = first.communicate(timeout=120)
        self.assertEqual(0, first.returncode, out + err)

    def test_inspect(self):
        self.apply(0, "one", "--yes")
        text = self.call(0, "inspect", "--url", self.url).stdout
        self.assertIn("table t", text)
        self.assertNotIn("lockstep", text)
        self.call(0, "inspect", "--url", self.url, "-o", "live.schema")
        self.call(0, "fmt", "--check", "live.schema")
        objects = json.loads(self.call(0, "inspect", "--url", self.url, "--format", "json").stdout)["objects"]
        self.assertIn({"kind": "table", "path": ["app", "t"]}, [{"kind": one["kind"], "path": one["path"]} for one in objects])

    def test_fmt(self):
        self.write("ugly.schema", "SCHEMA app{TABLE t{id  bigint   not null primary key;}}")
        self.assertEqual("ugly.schema\n", self.call(2, "fmt", "--check", "ugly.schema").stdout)
        self.call(0, "fmt", "ugly.schema")
        self.assertEqual("", self.call(0, "fmt", "--check", "ugly.schema").stdout)
        self.write("broken.schema", "schema app { table t { id bigint } ")
        self.assertIn("broken.schema:1:", self.call(64, "fmt", "broken.schema").stderr)

    def dump(self, database, name):
        """pg_dump -s as it is, \\restrict and all."""
        done = subprocess.run([f"{self.server.bin}/pg_dump", "-s", "-N", "lockstep", "-d", self.server.url(database)], check=True,
                              stdout=subprocess.PIPE, text=True)
        self.write(name, done.stdout)
        return done.stdout

    def test_a_dump_is_a_desired_state(self):
        shop = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "schemas", "shop.schema")
        self.call(0, "apply", "--url", self.url, "--schema", shop, "--yes")
        self.dump(self.database, "dump.sql")
        for file in ("dump.sql", shop):
            self.call(0, "plan", "--url", self.url, "--schema", file, "--detailed-exitcode")
        # Made from the dump, another database is the same one; and what is not in it goes.
        other = self.server.new_database()
        self.server.sql(other, "CREATE SCHEMA shop; CREATE TABLE shop.left_over (a int)")
        done = self.call(2, "plan", "--url", self.server.url(other), "--schema", "dump.sql", "--detailed-exitcode")
        self.assertIn("DROP TABLE shop.left_over", done.stdout)
        self.server.sql(other, "DROP TABLE shop.left_over")
        self.call(0, "apply", "--url", self.server.url(other), "--schema", "dump.sql", "--yes")

        def without_rows(database):
            return [line for line in self.server.dump(database).splitlines() if not line.startswith("REFRESH")]
        self.assertEqual(without_rows(self.database), without_rows(other))

    def test_inspect_sql(self):
        self.server.sql(self.database, "CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ('a'); CREATE TABLE s.t (id int PRIMARY KEY, e s.e DEFAULT 'a');"
                        "CREATE VIEW s.v AS SELECT id FROM s.t; COMMENT ON TABLE s.t IS 'it''s'; GRANT SELECT ON s.v TO PUBLIC;"
                        "CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT count(*)::int FROM s.t'; REVOKE ALL ON SCHEMA public FROM PUBLIC")
        self.call(0, "inspect", "--url", self.url, "--format", "sql", "-o", "live.sql")
        self.call(0, "plan", "--url", self.url, "--schema", "live.sql", "--detailed-exitcode")
        other = self.server.new_database()
        with open(os.path.join(self.folder, "live.sql"), encoding="utf-8") as stream:
            self.server.sql(other, stream.read())
        self.assertIn("CREATE VIEW s.v", self.server.dump(other))
        self.call(0, "plan", "--url", self.server.url(other), "--schema", "live.sql", "--detailed-exitcode")

    def test_sql_beside_schema_files(self):
        os.mkdir(os.path.join(self.folder, "parts"))
        self.write("app.schema", "include 'parts/more.sql';\ninclude 'parts/kinds.schema';\nschema app { table a { id int not null primary key; } }\n")
        self.write("parts/more.sql", "SET search_path = app;\nCREATE TABLE b (id int REFERENCES a, k kind);\n")
        self.write("parts/kinds.schema", "include '../app.schema';\nschema app { enum kind ('x');\n  sql views $$ CREATE VIEW v AS SELECT id FROM b; $$;\n}\n")
        self.apply(0, "app", "--yes")
        self.assertIn("CREATE VIEW app.v", self.server.dump(self.database))
        self.call(0, "plan", "--url", self.url, "--schema", "app.schema", "parts", "--detailed-exitcode")
        self.write("parts/more.sql", "CREATE TABLE app.b (id int REFERENCES app.a, k app.kynd);\nCREATE TABLE app.a ();\n")
        self.assertIn("parts/more.sql:2:1: error LS0201", self.call(64, "check", "--schema", "app.schema").stderr)
        self.write("parts/more.sql", "CREATE TABLE app.b (id int REFERENCES app.a, k app.kynd);\n")
        self.assertIn("parts/more.sql:1:48: error LS0301", self.call(64, "check", "--schema", "app.schema").stderr)
        self.write("parts/more.sql", "CREATE TABLE app.b (id int);\nCREATE TYPE app.kind AS ENUM ('y');\nALTER TABLE app.b OWNER TO nobody_at_all;\n")
        done = self.call(64, "plan", "--url", self.url, "--schema", "app.schema")
        self.assertIn("parts/more.sql:2:1: error LS0301: type \"kind\" already exists", done.stderr)
        self.assertIn("parts/kinds.schema:2:14: note:", done.stderr)
        self.assertIn("parts/more.sql:3:28: error LS0304", done.stderr)
        self.write("twice.schema", "schema app { function f(a int) returns int language sql as $$ select 1 $$; }\n")
        self.write("twice.sql", "CREATE OR REPLACE FUNCTION app.f(a integer) RETURNS int LANGUAGE sql AS 'SELECT 2';\n")
        self.assertIn("twice.schema:1:14: note:", self.call(64, "check", "--schema", "twice.sql", "twice.schema").stderr)
        self.write("twice.sql", "CREATE OR REPLACE FUNCTION app.f(x text) RETURNS int LANGUAGE sql AS 'SELECT 2';\n")
        self.call(0, "check", "--schema", "twice.sql", "twice.schema")
        self.write("app.schema", "include 'missing.sql';\n")
        self.assertIn("app.schema:1:9: error LS0114", self.call(64, "check", "--schema", "app.schema").stderr)

    def test_sql_is_refused_by_name(self):
        self.write("bad.sql", "\\restrict x\nCREATE TABLE t (a int);\nDO $$ BEGIN END $$;\nINSERT INTO t VALUES (1);\n\\connect d\n")
        done = self.call(64, "check", "--schema", "bad.sql")
        for line in ("bad.sql:3:1: error LS0111: DO ", "bad.sql:4:1: error LS0111: INSERT ", "bad.sql:5:1: error LS0110: \\connect "):
            self.assertIn(line, done.stderr)
        self.assertIn("bad.sql", self.call(64, "fmt", "bad.sql").stderr)
        self.write("folder_with_sql.schema", "")
        self.assertNotIn("bad.sql", self.call(2, "fmt", "--check", ".").stdout)

    def test_declared_code_never_runs_as_superuser(self):
        trap = os.path.join(self.server.folder, "trap")
        os.mkdir(trap)
        os.chmod(trap, 0o777)
        body = (f"begin if (select rolsuper from pg_roles where rolname = current_user) then copy (select 1) to '{trap}/sprung'; "
                "end if; end")
        for state in ("", " always", " replica"):
            self.write("evil.schema", f"schema s {{\n  function f() returns event_trigger language plpgsql as $${body}$$;\n"
                       "  function g() returns integer language sql as $$select 1$$ owner stranger;\n}\n"
                       f"event trigger e on ddl_command_end execute function s.f(){state};\nextension citext;\n")
            self.call(0, "check", "--schema", "evil.schema")
            self.assertEqual([], os.listdir(trap), state)
        self.write("evil.sql", f"CREATE SCHEMA s; CREATE FUNCTION s.f() RETURNS event_trigger LANGUAGE plpgsql AS $${body}$$;"
                   "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION s.f(); CREATE TABLE s.t (); ALTER TABLE s.t OWNER TO stranger;")
        self.call(0, "check", "--schema", "evil.sql")
        self.assertEqual([], os.listdir(trap))

    def test_variables_of_an_environment(self):
        self.write("tenant.schema", "schema ${tenant} {\n  table t { id int not null primary key; comment 'of ${who}'; }\n"
                   "  function f() returns text language sql as $$ select '${who}' $$;\n}\n")
        self.write("lockstep.yaml", "schema: [tenant.schema]\nvariables: { tenant: t0, who: nobody }\nenvironments:\n"
                   "  one: { url: \"${LOCKSTEP_TEST_URL}\", variables: { tenant: t1 } }\n")
        self.call(0, "apply", "--env", "one", "--yes", environment={"LOCKSTEP_TEST_URL": self.url})
        dump = self.server.dump(self.database)
        for text in ("CREATE TABLE t1.t", "'of nobody'", "select '${who}'"):
            self.assertIn(text, dump)
        self.write("lockstep.yaml", "schema: [tenant.schema]\nvariables: { tenat: t0, who: x }\n")
        self.assertIn("tenant.schema:1:8: error LS0104", self.call(64, "check").stderr)

    def test_check(self):
        self.assertIn("ok", self.call(0, "check", "--schema", "one.schema").stdout)
        self.assertIn("wrong.schema:2:", self.call(64, "check", "--schema", "wrong.schema").stderr)
        self.assertIn("PostgreSQL", self.call(0, "check", "--schema", "one.schema", "--url", self.url).stdout)

    def test_environments(self):
        self.write("lockstep.yaml", "schema: [one.schema]\nenvironments:\n  dev: { url: \"${LOCKSTEP_TEST_URL}\" }\n")
        self.assertIn("lockstep.yaml:3:", self.call(64, "plan", "--env", "dev").stderr)
        self.assertIn("known: dev", self.call(64, "plan", "--env", "prod").stderr)
        self.call(2, "plan", "--env", "dev", "--detailed-exitcode", environment={"LOCKSTEP_TEST_URL": self.url})
        self.write("lockstep.yaml", "schema: [one.schema]\nschema: x\nenvironments:\n  dev: { url: a, waves: [1] }\n")
        done = self.call(64, "plan", "--env", "dev")
        self.assertIn("lockstep.yaml:2:1", done.stderr)
        self.assertIn("waves", done.stderr)
        self.call(64, "plan", "--config", "missing.yaml", "--url", self.url, "--schema", "one.schema")

    def test_a_secret_is_never_told(self):
        done = self.call(1, "plan", "--url", "postgresql://u:hunter2@127.0.0.1:1/db", "--schema", "one.schema", "-v")
        self.assertNotIn("hunter2", done.stdout + done.stderr)

    def test_logs_are_json_when_asked(self):
        done = self.apply(0, "one", "--yes", "--log-format", "json")
        lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
        self.assertTrue(lines)
        self.assertEqual({"time", "level", "message"}, set(lines[0]))
        self.assertEqual("", self.apply(0, "two", "--yes", "--quiet").stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lockstep", default="build/release/lockstep")
    options, rest = parser.parse_known_args()
    Cli.lockstep = os.path.abspath(options.lockstep)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
