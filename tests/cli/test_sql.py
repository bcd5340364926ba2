"""Plain SQL as desired state, includes, and inspect --format sql."""
import os
import subprocess

from harness import Case


class Sql(Case):
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

    def test_what_is_recreated_gets_the_owner_it_had(self):
        """Who may not make things in public himself, and whom the file doesn't name."""
        self.sql("CREATE ROLE owner_of_an_enum; CREATE TYPE status AS ENUM ('new', 'sent', 'lost'); ALTER TYPE status OWNER TO owner_of_an_enum;"
                 "CREATE TABLE orders (id int PRIMARY KEY, status status NOT NULL DEFAULT 'new'); INSERT INTO orders VALUES (1)")
        self.write("file.sql", "CREATE TYPE status AS ENUM ('new', 'sent');\n"
                               "CREATE TABLE orders (id int PRIMARY KEY, status status NOT NULL DEFAULT 'new');\n")
        self.call(0, "apply", "--url", self.url, "--schema", "file.sql", "--yes", "--allow", "all")
        self.assertIn("ALTER TYPE public.status OWNER TO owner_of_an_enum", self.server.dump(self.database))
        self.assertEqual("new", self.sql("SELECT status FROM orders").strip())
        self.server.drop_database(self.database)
        self.server.sql("postgres", "DROP ROLE owner_of_an_enum")

    def test_what_only_a_superuser_makes_belongs_to_whom_the_file_says(self):
        """No word of an owner: then none is declared, least of all whoever made it on scratch."""
        text = ("CREATE SCHEMA s; CREATE TABLE s.t (id int PRIMARY KEY); CREATE PUBLICATION everything FOR ALL TABLES;\n"
                "CREATE PUBLICATION whole FOR TABLES IN SCHEMA s; CREATE PUBLICATION single FOR TABLE s.t;\n"
                "CREATE FUNCTION s.f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;\n"
                "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION s.f();\n")
        self.write("file.sql", text)
        self.write("more.schema", "include 'file.sql';\nforeign data wrapper w;\n")
        for shadow in ((), ("--shadow", "same-server")):
            for schema in ("file.sql", "more.schema"):
                with self.subTest(shadow=shadow, schema=schema):
                    told = self.call(2, "plan", "--url", self.url, "--schema", schema, "--detailed-exitcode", *shadow).stdout
                    self.assertIn("CREATE PUBLICATION everything", told)
                    self.assertIn("CREATE EVENT TRIGGER e", told)
                    self.assertNotIn("OWNER TO", told)
        owners = ("SELECT string_agg(name || ' ' || owner::regrole, ' ' ORDER BY name) FROM (SELECT pubname, pubowner FROM pg_publication UNION ALL "
                  "SELECT evtname, evtowner FROM pg_event_trigger) AS t (name, owner)")
        self.sql("CREATE ROLE owner_of_others SUPERUSER")
        self.addCleanup(lambda: (self.server.drop_database(self.database), self.server.sql("postgres", "DROP ROLE owner_of_others")))
        self.call(0, "apply", "--url", self.url, "--schema", "more.schema", "--yes")
        self.sql("ALTER EVENT TRIGGER e OWNER TO owner_of_others; ALTER PUBLICATION everything OWNER TO owner_of_others")
        for shadow in ((), ("--shadow", "same-server")):
            self.call(0, "plan", "--url", self.url, "--schema", "more.schema", "--detailed-exitcode", *shadow)
        # What is recreated, beside a rename too, is still whose it was.
        text = text.replace("everything FOR ALL TABLES", "everything FOR TABLE s.t").replace("PRIMARY KEY", "PRIMARY KEY, note text")
        self.write("file.sql", text)
        self.write("more.schema", "include 'file.sql';\nforeign data wrapper ww renamed from w;\n")
        told = self.call(0, "apply", "--url", self.url, "--schema", "more.schema", "--yes", "--allow", "all")
        self.assertEqual("e owner_of_others everything owner_of_others single postgres whole postgres", self.sql(owners).strip())
        # And where an owner is stated, that one is declared: also one of the name that scratch's superuser has.
        for owner in ("postgres", "owner_of_others"):
            self.write("file.sql", text + f"ALTER PUBLICATION everything OWNER TO {owner}; ALTER EVENT TRIGGER e OWNER TO {owner}; ALTER TABLE s.t OWNER TO {owner};\n")
            for shadow in ((), ("--shadow", "same-server")):
                told = self.call(2, "plan", "--url", self.url, "--schema", "more.schema", "--detailed-exitcode", *shadow).stdout
                self.assertIn(f"ALTER PUBLICATION everything OWNER TO {owner}", told)
                self.assertIn(f"ALTER EVENT TRIGGER e OWNER TO {owner}", told)
                self.assertEqual(owner != "postgres", f"ALTER TABLE s.t OWNER TO {owner}" in told)
            self.call(0, "apply", "--url", self.url, "--schema", "more.schema", "--yes", "--allow", "all")
            self.assertEqual(f"e {owner} everything {owner} single postgres whole postgres", self.sql(owners).strip())
            self.assertEqual(owner, self.sql("SELECT tableowner FROM pg_tables WHERE tablename = 't'").strip())

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
        self.assertIn("parts/kinds.schema:2:14: error LS0301: enum app.kind: type \"kind\" already exists", done.stderr)
        self.assertIn("parts/more.sql:2:1: note: it is declared here too", done.stderr)
        self.assertIn("parts/more.sql:3:28: error LS0304", done.stderr)
        self.write("twice.schema", "schema app { function f(a int) returns int language sql as $$ select 1 $$; }\n")
        self.write("twice.sql", "CREATE OR REPLACE FUNCTION app.f(a integer) RETURNS int LANGUAGE sql AS 'SELECT 2';\n")
        done = self.call(64, "check", "--schema", "twice.sql", "twice.schema")
        self.assertIn("twice.schema:1:14: error LS0301", done.stderr)
        self.assertIn("twice.sql:1:1: note: it is declared here too", done.stderr)
        # Where the script's has to wait for a type, it comes second and would replace the declared one without a word.
        self.write("later.schema", "schema app { enum k ('x'); function f(a int) returns app.k language sql as $$ select 'x'::app.k $$; }\n")
        self.write("later.sql", "CREATE OR REPLACE FUNCTION app.f(a integer) RETURNS app.k LANGUAGE sql AS 'SELECT null::app.k';\n")
        self.assertIn("later.schema:1:28: note:", self.call(64, "check", "--schema", "later.sql", "later.schema").stderr)
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

    def test_an_extension_is_made_before_what_stands_in_its_schema(self):
        """Its script runs as a superuser, with that schema on its path: of two that want a name, the file's own object comes too late."""
        self.write("own.schema", "schema a { function similarity(a text, b text) returns real language sql as $$ select 1::real $$; }\nextension pg_trgm schema a;\n")
        self.write("own.sql", "CREATE SCHEMA a; CREATE FUNCTION a.similarity(a text, b text) RETURNS real LANGUAGE sql AS 'SELECT 1::real';\n"
                              "CREATE EXTENSION pg_trgm SCHEMA a;\n")
        for file, place in (("own.schema", "1:12"), ("own.sql", "1:18")):
            for shadow in ((), ("--shadow", "same-server")):
                told = self.call(64, "plan", "--url", self.url, "--schema", file, *shadow).stderr
                self.assertIn(f"{file}:{place}: error LS0301", told)
                self.assertIn("already exists", told)
                self.assertNotIn("extension pg_trgm:", told)

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
