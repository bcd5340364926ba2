"""Where scratch databases are made, and what is on them beside the declared objects."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from harness import Case
from lesser import lesser_postgres
from server import Server

SHOP = """schema shop {
  table customers { id bigint not null primary key; email text; check (email <> ''); }
  view emails as $$ select email from shop.customers $$;
}
"""
LEFT = "SELECT count(*) FROM (SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles) AS t (n) WHERE n LIKE 'lockstep_shadow%'"


class Shadow(Case):
    own_server = True

    def setUp(self):
        super().setUp()
        # Where no binaries are found nothing can fall back to the embedded server unseen.
        self.nowhere = {"LOCKSTEP_CACHE": self.path("cache")}

    def apply(self, code, text, *more, environment=None, url=None):
        self.write("it.schema", text)
        return self.call(code, "apply", "--url", url or self.url, "--schema", "it.schema", "--yes", *more, environment=environment)

    def nothing_to_do(self, *more, url=None):
        self.call(0, "plan", "--detailed-exitcode", "--url", url or self.url, "--schema", "it.schema", *more)

    def left(self):
        return int(self.server.sql("postgres", LEFT))

    def role(self, name, powers):
        self.server.sql("postgres", f"CREATE ROLE {name} {powers}")
        self.addCleanup(self.server.sql, "postgres", f"DROP OWNED BY {name}; DROP ROLE {name}")
        self.addCleanup(self.server.sql, self.database, f"DROP OWNED BY {name} CASCADE")

    # --- named servers

    def test_same_server(self):
        self.apply(0, SHOP, "--shadow", "same-server", environment=self.nowhere)
        self.assertEqual([], self.cached(), "the embedded server was used")
        self.nothing_to_do("--shadow", "same-server")
        self.nothing_to_do()  # and the embedded one makes the same of it
        more = SHOP.replace("email text;", "email text; note varchar(20) not null default 'x';").replace("select email", "select email, note")
        self.apply(0, more, "--shadow", "same-server", "--allow", "breaking", environment=self.nowhere)
        self.nothing_to_do("--shadow", "same-server")
        renamed = more.replace("note varchar", "remark varchar").replace("default 'x'", "default 'x' renamed from note").replace("email, note", "email, remark")
        self.apply(0, renamed, "--shadow", "same-server", "--allow", "breaking", environment=self.nowhere)
        self.nothing_to_do("--shadow", "same-server")
        self.assertEqual(0, self.left())

    def test_same_server_with_owners_grants_and_default_privileges(self):
        self.role("s_owner", "")
        self.role("s_app", "")
        text = """schema shop owner s_owner {
  grant usage to s_app;
  table t owner s_owner { id bigint not null primary key; row level security; grant select to s_app; policy mine for select to s_app using (id > 0); }
  function f() returns integer language sql as $$ select 1 $$;
}
default privileges FOR ROLE s_owner IN SCHEMA shop GRANT SELECT ON TABLES TO s_app;
"""
        self.apply(0, text, "--shadow", "same-server", environment=self.nowhere)
        self.nothing_to_do("--shadow", "same-server")
        self.nothing_to_do()
        self.assertEqual("s_owner", self.server.sql(self.database, "SELECT tableowner FROM pg_tables WHERE tablename = 't'").strip())
        self.apply(0, text.replace("row level security;", "row level security; extra integer;").replace("table t owner s_owner", "table t owner postgres"),
                   "--shadow", "same-server", "--allow", "breaking", environment=self.nowhere)
        self.nothing_to_do("--shadow", "same-server")
        self.assertEqual(0, self.left())

    def test_a_role_that_only_may_make_databases_and_roles(self):
        self.role("s_maker", "LOGIN CREATEDB CREATEROLE")
        self.server.sql(self.database, f"GRANT ALL ON DATABASE {self.database} TO s_maker")
        url = self.url.replace("user=postgres", "user=s_maker")
        self.apply(0, SHOP, "--shadow", "same-server", url=url, environment=self.nowhere)
        self.nothing_to_do("--shadow", "same-server", url=url)
        self.assertEqual(0, self.left())

    def test_powers_are_asked_for_before_anything(self):
        for powers, lacks in (("CREATEROLE", "CREATEDB"), ("CREATEDB", "CREATEROLE"), ("", "CREATEDB CREATEROLE")):
            with self.subTest(powers=powers):
                name = "s_weak_" + (powers.lower() or "none")
                self.role(name, "LOGIN " + powers)
                url = self.url.replace("user=postgres", "user=" + name)
                self.write("it.schema", SHOP)
                done = self.call(1, "plan", "--url", self.url, "--schema", "it.schema", "--shadow", url)
                self.assertIn(f"it lacks {lacks}.", done.stderr)
                self.assertEqual(0, self.left())

    def test_a_url_and_its_stubs(self):
        with Server() as other:
            self.role("s_only_here", "")
            text = SHOP.replace("check (email <> '');", "check (email <> ''); grant select to s_only_here;")
            self.write("lockstep.yaml", "schema: it.schema\nshadow: ${SHADOW}\nenvironments:\n  dev:\n    url: ${DEV}\n")
            self.write("it.schema", text)
            environment = {**self.nowhere, "DEV": self.url, "SHADOW": other.url("postgres") + " password=hush"}
            done = self.call(0, "apply", "--env", "dev", "--yes", "-v", environment=environment)
            self.assertNotIn("hush", done.stdout + done.stderr)
            self.assertEqual([], self.cached())
            self.assertIn("SHADOW", self.call(64, "plan", "--env", "dev", environment={"DEV": self.url}).stderr)
            self.assertEqual("0", other.sql("postgres", LEFT).strip())
            self.assertEqual("0", other.sql("postgres", "SELECT count(*) FROM pg_roles WHERE rolname = 's_only_here'").strip())
            os.remove(self.path("lockstep.yaml"))
            self.nothing_to_do()

    def test_code_that_runs_on_it_has_no_power(self):
        self.role("s_rich", "SUPERUSER")
        self.write("it.sql", "CREATE SCHEMA shop; CREATE TABLE shop.t (id int, who text DEFAULT 'x');\n"
                             "CREATE FUNCTION shop.f() RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN "
                             "PERFORM set_config('session_authorization', 'default', false), set_config('role', 's_rich', false); "
                             "RETURN session_user; END $$;\nCREATE INDEX i ON shop.t (id) WHERE shop.f() = 'x';\n")
        done = self.call(64, "plan", "--url", self.url, "--schema", "it.sql", "--shadow", "same-server", environment=self.nowhere)
        self.assertRegex(done.stderr, "permission denied to set role|cannot set parameter .* within security-restricted operation")
        self.assertEqual(0, self.left())

    def test_what_was_left_is_dropped_and_what_is_used_is_not(self):
        self.write("it.sql", "CREATE SCHEMA shop; CREATE TABLE shop.t (id int);\nCREATE FUNCTION shop.f() RETURNS int "
                   "IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN 1; END $$;\nCREATE INDEX i ON shop.t (id) WHERE shop.f() = 1;\n")
        arguments = [self.lockstep, "plan", "--url", self.url, "--schema", "it.sql", "--shadow", "same-server"]
        running = subprocess.Popen(arguments, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self.until(lambda: self.server.sql("postgres", "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%shop.f() = 1%' AND state = 'active' "
                                               "AND datname LIKE 'lockstep_shadow%'").strip() == "1")
            self.assertEqual(2, self.left())
            self.write("other.schema", SHOP)
            self.call(0, "plan", "--url", self.url, "--schema", "other.schema", "--shadow", "same-server")
            self.assertEqual(2, self.left(), "a scratch database in use was dropped")
        finally:
            running.send_signal(signal.SIGKILL)
            running.wait()
        self.server.sql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'lockstep_shadow%'")
        self.until(lambda: self.server.sql("postgres", "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'lockstep_shadow%' "
                                           "OR application_name = 'lockstep scratch'").strip() == "0")
        self.assertEqual(2, self.left())
        self.call(0, "plan", "--url", self.url, "--schema", "other.schema", "--shadow", "same-server")
        self.assertEqual(0, self.left())

    def until(self, condition):
        for _ in range(200):
            if condition():
                return
            time.sleep(0.1)
        self.fail("it never came true")

    def test_a_login_that_is_not_allowed(self):
        hba = self.server.folder + "/data/pg_hba.conf"
        with open(hba, encoding="utf-8") as stream:
            was = stream.read()
        try:
            with open(hba, "w", encoding="utf-8") as stream:
                stream.write("local all postgres trust\n")
            self.server.sql("postgres", "SELECT pg_reload_conf(), pg_sleep(0.3)")
            self.write("it.schema", SHOP)
            done = self.call(1, "plan", "--url", self.url, "--schema", "it.schema", "--shadow", "same-server")
            self.assertIn("pg_hba.conf", done.stderr)
            self.assertEqual(0, self.left())
        finally:
            with open(hba, "w", encoding="utf-8") as stream:
                stream.write(was)
            self.server.sql("postgres", "SELECT pg_reload_conf(), pg_sleep(0.3)")

    def test_a_password_is_what_lets_it_in(self):
        hba = self.server.folder + "/data/pg_hba.conf"
        with open(hba, encoding="utf-8") as stream:
            was = stream.read()
        try:
            with open(hba, "w", encoding="utf-8") as stream:
                stream.write("local all postgres trust\nlocal all all scram-sha-256\n")
            self.server.sql("postgres", "SELECT pg_reload_conf(), pg_sleep(0.3)")
            self.apply(0, SHOP, "--shadow", "same-server")
            self.assertEqual(0, self.left())
        finally:
            with open(hba, "w", encoding="utf-8") as stream:
                stream.write(was)
            self.server.sql("postgres", "SELECT pg_reload_conf(), pg_sleep(0.3)")

    def test_what_is_said_wrong(self):
        self.write("it.schema", SHOP)
        done = self.call(64, "plan", "--url", self.url, "--schema", "it.schema", "--shadow", "hush:hush@nowhere")
        self.assertNotIn("hush", done.stderr)
        self.assertIn("same-server", self.call(64, "check", "--schema", "it.schema", "--shadow", "same-server").stderr)
        self.write("lockstep.yaml", "schema: it.schema\nshadow: hush\n")
        done = self.call(64, "plan", "--url", self.url)
        self.assertIn("lockstep.yaml:2:9", done.stderr)

    def test_every_command_that_needs_a_scratch_database(self):
        self.apply(0, SHOP)
        here = ("--url", self.url, "--shadow", "same-server")
        self.assertIn("CREATE TABLE", self.call(0, "inspect", "--format", "sql", *here, environment=self.nowhere).stdout)
        self.call(0, "check", "--schema", "it.schema", *here, environment=self.nowhere)
        self.call(0, "verify", "--schema", "it.schema", *here, environment=self.nowhere)
        self.call(0, "status", "--schema", "it.schema", *here, environment=self.nowhere)
        self.call(0, "compare", "it.schema", self.url, "--shadow", "same-server", environment=self.nowhere)
        self.assertFalse([name for name in self.cached() if not name.startswith(("answers", "elaborated"))])
        self.assertEqual(0, self.left())

    def cached(self):
        folder = self.nowhere["LOCKSTEP_CACHE"]
        return os.listdir(folder) if os.path.exists(folder) else []

    # --- what others own

    def test_external_table(self):
        self.server.sql(self.database, "CREATE SCHEMA auth; CREATE TABLE auth.users (id uuid CONSTRAINT pk PRIMARY KEY, email varchar(80), extra int);"
                                       "CREATE TABLE auth.others (id int)")
        text = """external table auth.users { id uuid primary key; email character varying(80); }
schema shop {
  table orders { id bigint not null primary key; customer uuid references auth.users (id); }
  view emails as $$ select o.id, u.email from shop.orders o join auth.users u on u.id = o.customer $$;
}
"""
        done = self.apply(0, text)
        self.nothing_to_do()
        self.nothing_to_do("--shadow", "same-server")
        self.assertNotIn("auth.users ", "".join(line for line in done.stdout.splitlines() if "create" in line.lower() and "table" in line))
        self.assertEqual("3", self.server.sql(self.database, "SELECT count(*) FROM pg_attribute WHERE attrelid = 'auth.users'::regclass AND attnum > 0").strip())
        self.assertEqual("", self.server.sql(self.database, "SELECT object FROM lockstep.applied, jsonb_object_keys(objects) AS object WHERE object LIKE '%auth%'")
                         if self.has_objects() else "")
        # A view made over, a foreign key dropped: what is external is only referred to.
        self.apply(0, text.replace("select o.id, u.email", "select o.id, u.email, o.customer").replace(" references auth.users (id)", ""), "--allow", "breaking", "--allow", "drop,drift")
        self.nothing_to_do()
        self.call(0, "fmt", "it.schema")
        self.nothing_to_do()
        self.call(0, "fmt", "--check", "it.schema")
        self.call(0, "check", "--schema", "it.schema")

    def has_objects(self):
        return self.server.sql(self.database, "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'lockstep' AND table_name = 'applied' "
                                              "AND column_name = 'objects' AND data_type = 'jsonb'").strip() == "1"

    def test_external_table_that_is_otherwise(self):
        self.server.sql(self.database, "CREATE SCHEMA auth; CREATE TABLE auth.users (id bigint PRIMARY KEY, email text); CREATE VIEW auth.seen AS SELECT 1 AS id")
        for table, place, words in (("users { id uuid primary key; }", "2:", 'type is "bigint" in the database, declared as "uuid"'),
                                    ("users { id bigint; mail text; }", "2:43", "mail is not in the database"),
                                    ("users { id bigint; email text not null; }", "2:43", "not_null"),
                                    ("users { email text primary key; }", "2:", "columns is"),
                                    ("user { id bigint; }", "2:8", 'did you mean "users"'),
                                    ("seen { id integer; }", "2:8", "view auth.seen instead")):
            with self.subTest(table=table):
                done = self.apply(64, f"schema shop {{ table t {{ id bigint; }} }}\n       external table auth.{table}\n")
                self.assertIn("LS0306", done.stderr)
                self.assertIn(words, done.stderr)
                self.assertEqual("", self.server.sql(self.database, "SELECT 1 FROM pg_namespace WHERE nspname IN ('shop', 'lockstep')"))
        for inside in ("id bigint renamed from old;", "id bigint; drop column gone;", "id bigint; protect column id;"):
            with self.subTest(inside=inside):
                self.assertIn("LS0214", self.apply(64, f"external table auth.users {{ {inside} }}\n").stderr)

    def test_external_table_within_a_managed_schema_and_under_manage_all(self):
        self.server.sql(self.database, "CREATE SCHEMA auth; CREATE TABLE auth.users (id bigint PRIMARY KEY, email text)")
        self.apply(0, "schema auth { external table users { id bigint primary key; }  table mine { id bigint references users (id); } }\n")
        self.nothing_to_do()
        self.apply(0, "manage all;\nschema public { }\nexternal table auth.users { id bigint primary key; }\nschema auth { table mine { id bigint references users (id); } }\n")
        self.nothing_to_do()
        self.assertEqual("2", self.server.sql(self.database, "SELECT count(*) FROM pg_tables WHERE schemaname = 'auth'").strip())

    # --- seeding

    def test_what_nobody_declared_is_found_in_the_database(self):
        self.server.sql(self.database, """
            CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext; CREATE EXTENSION pgcrypto SCHEMA ext;
            CREATE SCHEMA auth; CREATE DOMAIN auth.mail AS ext.citext CHECK (VALUE <> ''); CREATE TYPE auth.kind AS ENUM ('a', 'b');
            CREATE TABLE auth.users (id uuid PRIMARY KEY, mail auth.mail, kind auth.kind);
            CREATE FUNCTION auth.uid() RETURNS uuid STABLE LANGUAGE sql AS $$ SELECT id FROM auth.users $$;
            CREATE TABLE auth.unrelated (id int)""")
        text = """schema shop {
  table orders {
    id uuid not null default ext.gen_random_uuid() primary key;
    customer uuid references auth.users (id);
    mail auth.mail;
    other ext.citext;
    secret text default ext.gen_salt('bf');
    row level security;
    policy mine for select using (customer = auth.uid());
  }
  view mails as $$ select u.mail, u.kind from auth.users u $$;
}
"""
        text = text.replace("ext.gen_random_uuid()", "gen_random_uuid()")
        self.apply(0, text)
        self.nothing_to_do()
        self.nothing_to_do("--shadow", "same-server")
        plain = self.server.sql(self.database, "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE nspname = 'auth' AND relkind = 'r'")
        self.assertEqual("2", plain.strip())
        self.apply(0, text.replace("u.mail, u.kind", "u.mail, u.kind, u.id").replace("other ext.citext", "other text"), "--allow", "breaking", "--allow", "lossy", "--allow", "rewrite", "--allow", "long-lock")
        self.nothing_to_do()
        done = self.apply(64, text.replace("auth.users u", "auth.user u"))
        self.assertRegex(done.stderr, r"it\.schema:\d+:\d+: .*auth\.user.* does not exist")

    def test_what_the_files_no_longer_say_is_not_found_in_the_database(self):
        self.apply(0, SHOP + "schema old { table t { id bigint; } }\n")
        text = SHOP.replace("select email from shop.customers", "select email from shop.customers, old.t") + "schema old { }\n"
        self.assertIn("old.t", self.apply(64, text).stderr)

    # --- unproved

    def without_extension(self, name):
        """The installed PostgreSQL without one extension: the environment of an embedded server of its own."""
        tree = tempfile.mkdtemp(prefix="lockstep_less_")
        self.addCleanup(shutil.rmtree, tree, True)
        without = lesser_postgres(self.server.bin, tree, lambda entry: not re.match(name + r"(\.control|--.*)$", entry))
        return {**without, "LOCKSTEP_SERVER_IDLE": "1"}

    def test_an_extension_that_scratch_lacks(self):
        less = self.without_extension("citext")
        text = SHOP + "extension citext { comment 'case'; }\n"
        done = self.apply(3, text, environment=less)
        self.assertRegex(done.stderr, r"unproved citext: citext could not be tried first: .*citext.* is not available")
        self.assertIn("--allow unproved:citext", done.stderr)
        self.assertIn("1 hazard without consent", done.stderr)
        self.assertEqual("", self.server.sql(self.database, "SELECT 1 FROM pg_namespace WHERE nspname IN ('shop', 'lockstep')"))
        self.apply(0, text, "--allow", "unproved:ci*", environment=less)
        self.call(0, "plan", "--detailed-exitcode", "--url", self.url, "--schema", "it.schema", environment=less)
        self.nothing_to_do()
        # What doesn't need it is proved as ever; what does is named, and only that.
        more = text.replace("email text;", "email text; note text;")
        self.assertIn("proved on a scratch copy", self.apply(0, more, environment=less).stdout)
        self.server.sql(self.database, "CREATE TABLE shop.worn (name public.citext); CREATE TABLE shop.plain (name text)")
        done = self.apply(3, more, "--allow", "drop", environment=less)
        self.assertRegex(done.stderr, r"unproved shop\.worn: .*depends on extension citext")
        self.assertNotIn("unproved shop.plain", done.stderr)
        self.apply(0, more, "--allow", "drop,drift", "--allow", "unproved:shop.worn", environment=less)
        # What is declared with its types is planned beside a stub (test_stubs.py), and named.
        done = self.apply(3, more.replace("note text", "note public.citext"), environment=less)
        self.assertRegex(done.stderr, r"unproved shop\.customers\.note: .*depends on extension citext")

    def test_a_collation_that_scratch_lacks(self):
        self.apply(0, SHOP)
        self.server.sql(self.database, """CREATE SCHEMA odd; CREATE COLLATION odd.there (locale = 'C');
            UPDATE pg_collation SET collcollate = 'xx_XX.nowhere', collctype = 'xx_XX.nowhere' WHERE collname = 'there';
            CREATE TABLE shop.worn (name text COLLATE odd.there); CREATE TABLE shop.plain (name text)""")
        done = self.apply(3, SHOP.replace("email text;", "email text; note text;"), "--allow", "drop,drift")
        self.assertRegex(done.stderr, r"unproved shop\.worn: .*collation odd\.there")
        self.assertIn("1 hazard without consent", done.stderr)
        self.apply(0, SHOP.replace("email text;", "email text; note text;"), "--allow", "drop,drift", "--allow", "unproved:shop.worn")
        self.nothing_to_do()
