"""`lockstep import`: migrations of other tools become schema files that say the same."""
import os
import re
import subprocess

from harness import Case

# Folders of real projects, for whoever has them: prisma/… and sql/… below it (docs/testing.md).
CORPUS = os.environ.get("LOCKSTEP_MIGRATIONS", "")


class Import(Case):
    def put(self, folder, files):
        for name, text in files.items():
            path = os.path.join(self.folder, folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8", newline="") as stream:
                stream.write(text)
        return folder

    def psql(self, *paths, database=None, one=True, options="", user="postgres"):
        """As the tools do: each file by itself, and an error ends it."""
        for path in paths:
            subprocess.run([f"{self.server.clients}/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *(["-1"] if one else []), "-f", path,
                            self.server.url(database or self.database).replace("user=postgres", "user=" + user)], cwd=self.folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                           env=dict(os.environ, PGOPTIONS=options))

    def imported(self, *arguments, output="schemas", code=0):
        return self.call(code, "import", *arguments, "-o", output)

    def plan_is_empty(self, output="schemas", url=None):
        done = self.call_any("plan", "--url", url or self.url, "--schema", output, "--detailed-exitcode")
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def files(self, output="schemas"):
        """All of them in one text."""
        texts = []
        for folder, _, names in sorted(os.walk(os.path.join(self.folder, output))):
            texts += [self.read(os.path.join(os.path.relpath(folder, self.folder), name)) for name in sorted(names)]
        return "\n".join(texts)

    # --- prisma

    PRISMA = {
        "migrations/migration_lock.toml": "# Please do not edit\nprovider = \"postgresql\"\n",
        "migrations/20230101000000_init/migration.sql": '-- CreateSchema\nCREATE SCHEMA IF NOT EXISTS "public";\n\nCREATE TYPE "Role" AS ENUM (\'USER\', \'ADMIN\');\n'
                                                        'CREATE TABLE "User" (\n    "id" SERIAL NOT NULL,\n    "email" TEXT NOT NULL,\n    "role" "Role" NOT NULL DEFAULT \'USER\',\n\n'
                                                        '    CONSTRAINT "User_pkey" PRIMARY KEY ("id")\n);\nCREATE UNIQUE INDEX "User_email_key" ON "User"("email");\n',
        "migrations/20230301000000_rows/migration.sql": 'INSERT INTO "User" ("email") VALUES (\'a@example.org\');\nALTER TABLE "User" ADD COLUMN "name" TEXT;\n'
                                                        'UPDATE "User" SET "name" = "email";\nALTER TABLE "User" ALTER COLUMN "name" SET NOT NULL;\n',
        "migrations/20230201000000_value/migration.sql": "ALTER TYPE \"Role\" ADD VALUE 'GUEST';\n",
        "migrations/20230401000000_index/migration.sql": 'CREATE INDEX CONCURRENTLY "User_name_idx" ON "User"("name");\n',
    }
    BOOKKEEPING = "CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL)"

    def prisma_database(self):
        order = ("20230101000000_init", "20230201000000_value", "20230301000000_rows", "20230401000000_index")
        self.psql(*(f"prisma/migrations/{name}/migration.sql" for name in order), one=False)
        self.sql(self.BOOKKEEPING)

    def test_prisma(self):
        self.put("prisma", self.PRISMA)
        done = self.imported("prisma", "prisma")
        self.assertIn("schemas/public/table/", done.stdout)
        self.assertIn("ignore table _prisma_migrations;", self.files())
        self.assertNotIn("manage all", self.files())
        self.prisma_database()
        self.plan_is_empty()
        # The same once more changes nothing; the folder itself, or the one above, may be named.
        before = self.files()
        self.imported("prisma", "prisma/migrations")
        self.assertEqual(before, self.files())
        self.call(0, "fmt", "--check", "schemas")

    def test_file_names_keep_capitals(self):
        """As far as file systems that don't tell them from small letters allow."""
        more = {"migrations/20230501000000_more/migration.sql": 'CREATE TABLE "OrderItem" (id int);\nCREATE TABLE "orderitem" (id int);\nCREATE TABLE "ORDERITEM" (id int);\n'
                                                                'CREATE TABLE "a b" (id int);\nCREATE TABLE "Database" (id int);\n'}
        self.put("prisma", {**self.PRISMA, **more})
        self.imported("prisma", "prisma")
        names = sorted(os.listdir(self.path("schemas/public/table")))
        self.assertEqual(len(names), len({name.lower() for name in names}))
        self.assertIn("User.schema", names)
        self.assertIn("orderitem.schema", names)
        for begin in ("OrderItem", "ORDERITEM", "a_b", "Database"):
            self.assertEqual(1, len([name for name in names if re.fullmatch(begin + r"-[0-9a-f]{8}\.schema", name)]), names)
        self.assertEqual(["Role.schema"], os.listdir(self.path("schemas/public/enum")))

    def test_what_stands_in_the_folder_is_not_overwritten(self):
        self.put("prisma", self.PRISMA)
        self.put("schemas", {"mine.schema": "schema x { }\n"})
        done = self.imported("prisma", "prisma", code=64)
        self.assertIn("mine.schema", done.stderr)
        self.assertEqual(["mine.schema"], os.listdir(self.path("schemas")))
        os.remove(self.path("schemas/mine.schema"))
        self.imported("prisma", "prisma", "--split", "schema")
        self.write("schemas/public.schema", "schema public { }\n")
        self.assertIn("public.schema", self.imported("prisma", "prisma", "--split", "schema", code=64).stderr)
        self.assertEqual("schema public { }\n", self.read("schemas/public.schema"))

    def test_prisma_of_another_database(self):
        self.put("prisma", dict(self.PRISMA, **{"migrations/migration_lock.toml": 'provider = "mysql"\n'}))
        self.assertIn('the provider is "mysql"', self.imported("prisma", "prisma", code=64).stderr)
        self.put("prisma", dict(self.PRISMA, **{"migrations/20230500000000_empty/notes.txt": ""}))
        self.put("prisma", {"migrations/migration_lock.toml": 'provider = "postgresql"\n'})
        self.assertIn("20230500000000_empty: there is no migration.sql", self.imported("prisma", "prisma", code=64).stderr)

    # --- adopting

    def test_a_database_is_adopted(self):
        self.put("prisma", self.PRISMA)
        self.prisma_database()
        before = self.server.dump(self.database)
        done = self.imported("prisma", "prisma", "--url", self.url)
        self.assertIn("adopted", done.stderr)
        self.assertEqual(before, self.server.dump(self.database))
        self.assertRegex(self.call(0, "verify", "--url", self.url, "--schema", "schemas").stdout, "drift +none")
        self.sql('ALTER TABLE "User" ADD COLUMN by_hand int')
        self.call(2, "verify", "--url", self.url)

    def test_a_database_that_differs_is_not_adopted(self):
        self.put("prisma", self.PRISMA)
        self.prisma_database()
        self.sql('ALTER TABLE "User" ADD COLUMN by_hand int')
        done = self.imported("prisma", "prisma", "--url", self.url, code=2)
        self.assertIn("by_hand", done.stdout)
        self.assertIn("Nothing was recorded", done.stderr)
        self.assertEqual("f", self.sql("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'lockstep')").strip())
        self.assertIn("ignore table", self.files())  # the files are there to be edited

    def test_an_environment_is_adopted_and_pinned(self):
        self.put("prisma", self.PRISMA)
        self.prisma_database()
        self.write("lockstep.yaml", 'schema: [schemas/]\nenvironments:\n  dev:\n    url: "${DATABASE_URL}"\n')
        self.call(0, "import", "prisma", "prisma", "--env", "dev", environment={"DATABASE_URL": self.url})
        self.assertIn("dev", self.read("lockstep.lock"))
        done = self.call(0, "apply", "--env", "dev", environment={"DATABASE_URL": self.url})
        self.assertIn("nothing to do", done.stdout)

    def test_what_is_recorded_already_is_not_adopted_over(self):
        self.put("prisma", self.PRISMA)
        self.prisma_database()
        self.write("lockstep.yaml", 'schema: [schemas/]\nenvironments:\n  dev:\n    url: "${DATABASE_URL}"\n')
        self.call(0, "import", "prisma", "prisma", "--env", "dev", environment={"DATABASE_URL": self.url})
        self.sql("CREATE TABLE backdoor (id int)")
        self.put("prisma", {**self.PRISMA, "prisma/migrations/20990101000000_backdoor/migration.sql": "CREATE TABLE backdoor (id int);\n"})
        done = self.call(3, "import", "prisma", "prisma", "-o", "again", "--env", "dev", environment={"DATABASE_URL": self.url})
        self.assertIn("is recorded already", done.stderr)
        self.assertIn("backdoor", self.call(2, "verify", "--strict", "--env", "dev", environment={"DATABASE_URL": self.url}).stdout)

    # --- flyway

    FLYWAY = {
        "V1__base.sql": "CREATE TABLE t (a int);\n",
        "V10__last.sql": "ALTER TABLE t RENAME COLUMN d TO e;\n",
        "V2__two.sql": "ALTER TABLE t RENAME COLUMN c TO d;\n",
        "V1_1__one.sql": "ALTER TABLE t RENAME COLUMN a TO b;\n",
        "V1.2__more.sql": "ALTER TABLE t RENAME COLUMN b TO c;\n",
        "R__view.sql": "CREATE OR REPLACE VIEW v AS SELECT e FROM t;\n",
        "R__a_function.sql": "CREATE OR REPLACE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM t';\n",
        "U2__two.sql": "DROP TABLE t;\n",
        "afterMigrate.sql": "SELECT 1/0;\n",
    }

    def test_flyway(self):
        self.put("db", self.FLYWAY)
        done = self.imported("flyway", "db")
        self.assertIn("undo migrations are not read: U2__two.sql", done.stderr)
        self.assertIn("afterMigrate.sql", done.stderr)
        self.assertIn("ignore table flyway_schema_history;", self.files())
        self.psql(*(f"db/{name}.sql" for name in ("V1__base", "V1_1__one", "V1.2__more", "V2__two", "V10__last", "R__a_function", "R__view")))
        self.sql("CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY)")
        self.plan_is_empty()

    def test_flyway_in_folders_with_a_baseline(self):
        self.put("db", {"old/V1__a.sql": "CREATE TABLE gone (a int);\n", "B2__all.sql": "CREATE TABLE t (a int);\n", "new/V3__b.sql": "ALTER TABLE t ADD b int;\n",
                        "V2__c.sql": "SELECT 1/0;\n"})
        done = self.imported("flyway", "db")
        self.assertIn("B2__all.sql is the baseline: 2 older versions are not read", done.stderr)
        self.sql("CREATE TABLE t (a int, b int)")
        self.plan_is_empty()
        self.put("db", {"new/V03.0__again.sql": "SELECT 1;\n"})
        self.assertIn("have the same version", self.imported("flyway", "db", code=64).stderr)

    def test_placeholders(self):
        self.put("db", {"V1__a.sql": "CREATE TABLE ${name} (a text DEFAULT '${what}');\n"})
        told = self.imported("flyway", "db", code=64).stderr
        self.assertIn("db/V1__a.sql:1:14: ${name}", told)
        self.assertIn("db/V1__a.sql:1:39: ${what}", told)
        self.imported("flyway", "db", "--variable", "name=t", "--variable", "what=${what}")
        self.sql("CREATE TABLE t (a text DEFAULT '${what}')")
        self.plan_is_empty()
        self.assertIn("no migration has ${x}", self.imported("flyway", "db", "--variable", "name=t", "--variable", "what=", "--variable", "x=1", code=64).stderr)
        self.assertIn("only migrations of flyway", self.imported("sql", "db", "--variable", "x=1", code=64).stderr)

    def test_a_migration_in_code_is_refused(self):
        self.put("db", {"V1__a.sql": "CREATE TABLE t (a int);\n", "V2__b.java": "class V2__b {}\n"})
        self.assertIn("V2__b.java: a migration in code", self.imported("flyway", "db", code=64).stderr)

    # --- alembic and rails

    def test_alembic(self):
        self.write("migrations.sql", "BEGIN;\n\nCREATE TABLE alembic_version (\n    version_num VARCHAR(32) NOT NULL, \n"
                   "    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n);\n\n-- Running upgrade  -> 1975ea83b712\n\n"
                   "CREATE TABLE account (\n    id SERIAL NOT NULL, \n    name VARCHAR(50) NOT NULL, \n    PRIMARY KEY (id)\n);\n\n"
                   "INSERT INTO alembic_version (version_num) VALUES ('1975ea83b712') RETURNING alembic_version.version_num;\n\nCOMMIT;\n\n")
        self.imported("alembic", "migrations.sql")
        self.assertNotIn("version_num", self.files())
        self.psql("migrations.sql", one=False)
        self.plan_is_empty()
        os.mkdir(self.path("alembic"))
        self.assertIn("alembic upgrade head --sql", self.imported("alembic", "alembic", code=64).stderr)

    def test_rails(self):
        self.sql("CREATE EXTENSION pgcrypto; CREATE EXTENSION citext; CREATE TABLE users (id bigserial PRIMARY KEY, email citext NOT NULL UNIQUE, created_at timestamp(6) NOT NULL);"
                 "CREATE TABLE schema_migrations (version varchar PRIMARY KEY); CREATE TABLE ar_internal_metadata (key varchar PRIMARY KEY, value varchar);"
                 "COMMENT ON COLUMN users.email IS 'by which they log in'")
        dump = subprocess.run([f"{self.server.clients}/pg_dump", "-s", "-x", "-O", self.url], check=True, stdout=subprocess.PIPE, text=True).stdout
        self.put("db", {"structure.sql": dump + "\nSET search_path TO \"$user\", public;\n\nINSERT INTO \"schema_migrations\" (version) VALUES\n('20240101'),\n('20230101');\n"})
        self.imported("rails", ".")
        files = self.files()
        self.assertIn("ignore table ar_internal_metadata;", files)
        self.assertNotIn("table schema_migrations {", files)
        self.assertIn("extension citext", files)
        self.plan_is_empty()
        self.put("other/db", {"schema.rb": "ActiveRecord::Schema.define {}\n"})
        self.assertIn("schema_format = :sql", self.imported("rails", "other", code=64).stderr)

    # --- sql

    def test_numbers_in_names(self):
        self.put("migrations", {"0001-a.sql": "CREATE TABLE t (a int);\n", "00010-c.sql": "ALTER TABLE t RENAME b TO c;\n", "0002-b.sql": "ALTER TABLE t RENAME a TO b;\n",
                                "2_x.down.sql": "DROP TABLE t;\n", "11-d.sql": "-- migrate:up\nALTER TABLE t ADD d int;\n-- migrate:down\nDROP TABLE t;\n"})
        done = self.imported("sql", "migrations")
        self.assertIn("0002-b.sql is number 2, where by its letters 00010-c.sql would be", done.stderr)
        self.assertIn("1 file that takes a migration back is not read (down.sql, *.down.sql, *_down.sql):\n  2_x.down.sql\n", done.stderr)
        self.assertRegex(done.stderr, r"\(-- migrate:down and the like\) is not read of:\n  \S*11-d.sql\n")
        self.sql("CREATE TABLE t (c int, d int); CREATE TABLE schema_migrations (version text)")
        self.assertNotIn("schema_migrations", self.files())
        self.imported("sql", "migrations", "--url", self.url, output="other")
        self.assertIn("ignore table schema_migrations;", self.files("other"))

    def test_ways_back_are_named(self):
        self.put("m", {"1_markdown.down.sql": "DROP TABLE t;\n", "003_down.sql": "DROP TABLE t;\n", "v4/down.sql": "DROP TABLE t;\n"})
        names = "\n  003_down.sql\n  1_markdown.down.sql\n  v4/down.sql\n"
        self.assertIn("m: no .sql files to read in it: 3 files that take a migration back are not read (down.sql, *.down.sql, *_down.sql):" + names,
                      self.imported("sql", "m", code=64).stderr)
        self.put("m", {"1_markdown.sql": "CREATE TABLE t (a int);\n", "2_countdown.sql": "ALTER TABLE t ADD b int;\n"})
        self.assertIn(names, self.imported("sql", "m").stderr)
        self.assertIn("b integer", self.files())
        self.assertIn("empty: no .sql files in it", self.imported("sql", self.put("empty", {"a.txt": ""}), code=64).stderr)

    def test_a_whole_dump(self):
        """With what psql reads: commands, rows; and roles, owners and settings of servers that are not here."""
        self.sql("CREATE SCHEMA s; CREATE TABLE s.t (id int PRIMARY KEY, note text); INSERT INTO s.t VALUES (1, 'it''s; \\. \"x\"'), (2, E'a\\nb'); CREATE VIEW s.v AS SELECT note FROM s.t;"
                 "CREATE ROLE import_owner; CREATE ROLE import_reader; ALTER TABLE s.t OWNER TO import_owner; GRANT SELECT ON s.v TO import_reader;"
                 "CREATE FUNCTION s.e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION s.e();"
                 "CREATE PUBLICATION p FOR ALL TABLES; CREATE EXTENSION postgres_fdw SCHEMA s; CREATE SERVER x FOREIGN DATA WRAPPER postgres_fdw")
        self.addCleanup(lambda: (self.server.drop_database(self.database), self.server.sql("postgres", "DROP ROLE import_owner; DROP ROLE import_reader")))
        dump = subprocess.run([f"{self.server.clients}/pg_dump", "-C", self.url], check=True, stdout=subprocess.PIPE, text=True).stdout
        self.assertIn("\\connect", dump)
        self.assertIn("FROM stdin;", dump)
        self.write("dump.sql", "SET transaction_timeout = 0;\nSET no_such_setting = 1;\n" + dump)
        done = self.imported("sql", "dump.sql")
        self.assertIn("CREATE DATABASE is left out", done.stderr)
        self.assertIn("no_such_setting", done.stderr)
        self.assertIn("owner import_owner", self.files())
        self.plan_is_empty()

    def test_what_is_about_roles(self):
        self.put("m", {"1.sql": "CREATE ROLE import_app LOGIN;\nDO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'import_other') THEN CREATE ROLE import_other; END IF; END $$;\n"
                                "SET ROLE import_app;\nRESET ROLE;\nALTER DATABASE anything SET search_path = x;\n",
                       "2.sql": "CREATE TABLE t (a int);\nGRANT SELECT ON t TO import_app, import_other, import_third;\nGRANT import_app TO import_other;\n"
                                "DO $$ BEGIN EXECUTE 'GRANT INSERT ON t TO ' || 'import_' || 'fourth'; END $$;\n"})
        done = self.imported("sql", "m")
        for words in ("m/1.sql:1:1: warning LS0503: CREATE ROLE is left out", "m/2.sql:3:1: warning LS0503: GRANT is left out", "ALTER DATABASE is left out"):
            self.assertIn(words, done.stderr)
        self.assertIn("grant select to import_third;", self.files())
        self.assertIn("grant insert to import_fourth;", self.files())

    def test_roles_in_blocks_of_code(self):
        self.put("m", {"1.sql": "CREATE TABLE t (a int);\nDO $do$\nDECLARE r text = 'import_five'; BEGIN\n"
                                "  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN EXECUTE 'CREATE ROLE ' || r || ' LOGIN'; END IF;\n"
                                "  EXECUTE 'ALTER ROLE ' || r || ' SET search_path = x'; GRANT import_six TO import_five; EXECUTE 'GRANT SELECT ON t TO ' || r;\n"
                                "  ALTER TABLE t ADD b text DEFAULT 'CREATE ROLE x';\nEND $do$;\n"
                                "DO $$ BEGIN CREATE ROLE import_seven; EXCEPTION WHEN duplicate_object THEN NULL; END $$;\n"})
        done = self.imported("sql", "m")
        self.assertIn("what it says about roles", done.stderr)
        self.assertIn("grant select to import_five;", self.files())
        self.assertIn("default 'CREATE ROLE x'", self.files())
    def test_transactions(self):
        self.put("m", {
            "1.sql": "CREATE TYPE e AS ENUM ('a');\nCREATE TABLE t (a int, e e);\n",
            "2.sql": "ALTER TYPE e ADD VALUE 'b';\nINSERT INTO t VALUES (1, 'b');\n",
            "3.sql": "CREATE INDEX CONCURRENTLY t_a ON t (a);\nDROP INDEX CONCURRENTLY t_a;\nVACUUM t;\nCREATE INDEX t_b ON t (a);\n",
            "4.sql": "LOCK TABLE t;\nSET LOCAL search_path = pg_temp;\nCREATE TEMP TABLE x ON COMMIT DROP AS SELECT 1;\nSELECT * FROM x;\n",
            "5.sql": "BEGIN;\nALTER TABLE t ADD c int;\nROLLBACK;\nBEGIN;\nALTER TABLE t ADD d int;\nCOMMIT;\n",
            "6.sql": "SET search_path = s, public;\nCREATE SCHEMA s;\nCREATE TABLE u (a int);\nCREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN COMMIT; END';\nCALL p();\n",
            "7.sql": "CREATE TABLE w (a int);\nSELECT set_config('search_path', 's', false);\nCREATE TABLE x (a int);\n",
        })
        self.imported("sql", "m")
        self.sql("CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (a int, e e, d int); CREATE INDEX t_b ON t (a); CREATE SCHEMA s; CREATE TABLE s.u (a int);"
                 "CREATE PROCEDURE s.p() LANGUAGE plpgsql AS 'BEGIN COMMIT; END'; CREATE TABLE w (a int); CREATE TABLE s.x (a int)")
        self.plan_is_empty()

    def test_errors_have_their_place(self):
        self.put("m", {"1.sql": "CREATE TABLE t (a int);\n", "2.sql": "-- first\nALTER TABLE t\n  ADD b txt;\n"})
        told = self.imported("sql", "m", code=64).stderr
        self.assertIn("m/2.sql:3:9: error LS0501: ALTER TABLE: type \"txt\" does not exist", told)
        self.assertIn("ADD b txt;", told)
        self.assertFalse(os.path.exists(self.path("schemas")))
        for text, words in (("CREATE TABLE t (;\n", "m/2.sql:1:17"), ("SELECT 'open;\n", "LS0502"), ("\\i other.sql\n", "\\i is a command of psql"),
                            ("\\connect a\n\\connect b\n", "several databases"), ("BEGIN;\nCREATE TABLE x (a int);\n", "COMMIT is missing"),
                            ("SET client_encoding = 'LATIN1';\n", "UTF-8"), ("CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p;\n", "connection to another server"),
                            ("DO $$ BEGIN RAISE EXCEPTION 'no way'; END $$;\n", "DO: no way"), ("CREATE EXTENSION no_such_extension;\n", "install it where scratch"),
                            ("SELECT 1/0;\n", "SELECT: division by zero"), ("SELECT pg_sleep(60);\n", "took longer than 1 s")):
            with self.subTest(text=text):
                self.put("m", {"2.sql": text})
                told = self.imported("sql", "m", "--shadow-timeout", "1s", code=64).stderr
                self.assertIn(words, told)
                self.assertIn("m/2.sql:", told)

    def test_hostile_files(self):
        """They do nothing outside of the scratch database, and their names nothing to a terminal."""
        mark = self.path("mark")
        os.chmod(self.folder, 0o777)
        for text in (f"COPY (SELECT 1) TO PROGRAM 'touch {mark}';\n", f"COPY (SELECT 1) TO '{mark}';\n", f"\\! touch {mark}\n", "ALTER SYSTEM SET port = 1; SELECT pg_reload_conf();\n",
                     f"DO $$ BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch {mark}'''; END $$;\n", "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'libc', 'system';\n",
                     "SET ROLE lockstep_root; SELECT pg_read_file('/etc/passwd');\n", "RESET SESSION AUTHORIZATION; SELECT pg_read_file('PG_VERSION');\n",
                     "CREATE EXTENSION adminpack; SELECT pg_file_write('x', 'y', false);\n", "CREATE EXTENSION dblink; SELECT dblink_connect('dbname=postgres');\n",
                     "CREATE EXTENSION file_fdw; CREATE SERVER s FOREIGN DATA WRAPPER file_fdw; CREATE FOREIGN TABLE t (a text) SERVER s OPTIONS (filename '/etc/passwd'); SELECT * FROM t;\n",
                     "SELECT lo_import('/etc/passwd');\n", "CREATE SCHEMA x; CREATE FUNCTION x.f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'CREATE ROLE r SUPERUSER'; END $$;"
                     "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION x.f(); CREATE EXTENSION citext; CREATE TABLE t (a int);\n",
                     "COPY (SELECT 1) TO STDOUT;\nSELECT 1/0;\n", "(COPY (SELECT 1) TO STDOUT;\n", "SELECT pg_terminate_backend(pg_backend_pid());\n"):
            with self.subTest(text=text):
                self.put("m", {"1.sql": text})
                done = self.imported("sql", "m", code=64)
                self.assertNotIn("internal error", done.stderr)
                self.assertFalse(os.path.exists(mark))
        name = "1\x1b[31m;\n'\"$(touch mark) ${x}.sql"
        os.remove(self.path("m/1.sql"))
        self.put("m", {name: "SELECT 1/0;\n"})
        told = self.imported("sql", "m", code=64).stderr
        self.assertIn("\\x1B[31m;\\n", told)
        os.remove(self.path("m/" + name))
        os.symlink("/etc/passwd", self.path("m/1.sql"))
        self.assertIn("leads out of", self.imported("sql", "m", code=64).stderr)

    def test_the_role_that_runs_them(self):
        self.put("m", {"1.sql": "CREATE TABLE t (a int);\nGRANT SELECT ON t TO postgres, import_eight;\n"})
        self.sql("CREATE ROLE import_eight")
        self.psql("m/1.sql")
        self.addCleanup(lambda: (self.server.drop_database(self.database), self.server.sql("postgres", "DROP ROLE import_eight")))
        self.imported("sql", "m", output="unknown")
        self.assertIn("to postgres", self.files("unknown"))
        self.imported("sql", "m", "--as", "postgres")
        self.assertNotIn("to postgres", self.files())
        self.plan_is_empty()
        self.imported("sql", "m", "--url", self.url)

    def test_search_path(self):
        self.put("m", {"1.sql": "CREATE TABLE t (a int);\n", "2.sql": "CREATE SCHEMA app;\nCREATE TABLE u (a int);\nCREATE TABLE public.v (a int);\n"})
        self.imported("sql", "m", "--search-path", "app,public")
        self.sql("CREATE SCHEMA app; CREATE TABLE app.t (a int); CREATE TABLE app.u (a int); CREATE TABLE v (a int)")
        self.plan_is_empty()

    def test_hostile_names_of_objects(self):
        text = ('CREATE SCHEMA "a b.c/../${x}";\nCREATE TABLE "a b.c/../${x}"."t"";\'" ("c}$$" int PRIMARY KEY, "${y}" text DEFAULT \'${z}\');\n'
                'CREATE TABLE "bookkeeping" (a int);\nCREATE FUNCTION "f\n"() RETURNS text LANGUAGE sql AS \'SELECT $$${q}$$\';\n')
        self.put("m", {"1.sql": text})
        self.imported("sql", "m")
        self.psql("m/1.sql")
        self.plan_is_empty()

    def test_extensions(self):
        self.put("m", {"1.sql": 'CREATE SCHEMA extensions;\nCREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA extensions;\nCREATE EXTENSION IF NOT EXISTS pgcrypto;\n'
                                "CREATE EXTENSION IF NOT EXISTS plpgsql;\nCOMMENT ON EXTENSION pgcrypto IS 'mine';\nCREATE EXTENSION pg_stat_statements SCHEMA extensions;\n",
                       "2.sql": "CREATE EXTENSION citext;\nCREATE TABLE t (id uuid DEFAULT extensions.uuid_generate_v4(), c citext, r uuid DEFAULT gen_random_uuid());\n"
                                "DROP EXTENSION pgcrypto;\nCREATE EXTENSION pgcrypto SCHEMA extensions;\n"})
        self.imported("sql", "m")
        self.psql("m/1.sql", "m/2.sql")
        self.plan_is_empty()
        # Others that one brings along are made before the migrations' code too; one that was dropped is not made again beside it.
        self.put("m", {"3.sql": "CREATE EXTENSION earthdistance SCHEMA extensions CASCADE;\nALTER EXTENSION citext UPDATE;\n"})
        self.assertIn("ALTER EXTENSION is left out", self.imported("sql", "m", output="more").stderr)
        self.assertIn("extension cube", self.files("more"))
        self.put("m", {"3.sql": "DROP EXTENSION pg_stat_statements;\nCREATE EXTENSION pg_stat_statements;\n"})
        self.assertIn("is made a second time", self.imported("sql", "m", output="third", code=64).stderr)

    def test_default_privileges_of_whoever_runs_it(self):
        self.put("m", {"1.sql": "CREATE ROLE import_reader2;\nALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO import_reader2;\nCREATE TABLE t (a int);\n"})
        done = self.imported("sql", "m")
        self.assertIn("default privileges", done.stderr)
        self.assertIn("grant select to import_reader2;", self.files())
        self.assertNotIn("lockstep_scratch", self.files())

    def test_corpus(self):
        if not CORPUS:
            self.skipTest("LOCKSTEP_MIGRATIONS names no folder")
        umami = os.path.join(CORPUS, "umami_prisma", "migrations")
        names = sorted(name for name in os.listdir(umami) if os.path.isdir(os.path.join(umami, name)))
        self.psql(*(os.path.join(umami, name, "migration.sql") for name in names))
        self.sql(self.BOOKKEEPING)
        self.imported("prisma", umami, "--url", self.url)
        self.plan_is_empty()
        # Its storage roles, and storage as the search_path: as its own tool runs it.
        storage, (database, url) = os.path.join(CORPUS, "supabase_storage_sql"), self.fresh("storage")
        self.sql("CREATE ROLE import_admin SUPERUSER LOGIN; CREATE SCHEMA storage AUTHORIZATION import_admin", database)
        names = sorted((name for name in os.listdir(storage) if name.endswith(".sql")), key=lambda name: int(name.split("-")[0]))
        self.psql(*(os.path.join(storage, name) for name in names), database=database, one=False, options="-c search_path=storage", user="import_admin")
        self.imported("sql", storage, "--search-path", "storage", output="storage")
        self.plan_is_empty("storage", url)


if __name__ == "__main__":
    import unittest
    unittest.main()
