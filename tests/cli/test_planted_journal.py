"""Schema `lockstep` belongs to a role of little power, which puts code into it; whoever has more rights works on that database."""
import json
import re

from harness import Case

CODE = """CREATE FUNCTION lockstep.planted() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
  EXECUTE format('INSERT INTO public.ran VALUES (%L)', current_user); RETURN true; END $$;
CREATE FUNCTION lockstep.planted_trigger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM lockstep.planted(); RETURN new; END $$;
CREATE DOMAIN lockstep.planted_text AS text CHECK (lockstep.planted());
"""
PLANTED = {
    "is no table": "ALTER TABLE lockstep.run RENAME TO run_real; CREATE VIEW lockstep.run AS SELECT * FROM lockstep.run_real WHERE lockstep.planted()",
    "has the trigger a": "CREATE TRIGGER a BEFORE INSERT OR UPDATE ON lockstep.event FOR EACH ROW EXECUTE FUNCTION lockstep.planted_trigger()",
    "has the trigger append_only": "CREATE OR REPLACE FUNCTION lockstep.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS "
                                   "$$ BEGIN PERFORM lockstep.planted(); RETURN NULL; END $$",
    "has the rule r": "CREATE RULE r AS ON INSERT TO lockstep.applied DO ALSO SELECT lockstep.planted()",
    "has the policy p": "CREATE POLICY p ON lockstep.event USING (lockstep.planted()); ALTER TABLE lockstep.event ENABLE ROW LEVEL SECURITY",
    "id has another type or default": "ALTER TABLE lockstep.event ALTER COLUMN step SET DEFAULT lockstep.planted()::text; "
                                      "ALTER TABLE lockstep.identity ALTER COLUMN id SET DEFAULT gen_random_uuid()",
    "database has another type": "ALTER TABLE lockstep.identity ALTER COLUMN database TYPE lockstep.planted_text",
    "has the constraint c": "ALTER TABLE lockstep.backup ADD CONSTRAINT c CHECK (lockstep.planted()) NOT VALID",
    "has the index lockstep.i": "CREATE FUNCTION lockstep.planted_index(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1'; "
                                "CREATE INDEX i ON lockstep.applied (lockstep.planted_index(object))",
    "inherits from lockstep.event": "CREATE TABLE public.more () INHERITS (lockstep.event)",
    "lockstep.event belongs to lockstep.whole": "CREATE FUNCTION lockstep.bound(bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM lockstep.planted(); RETURN 1; END $$; "
                                                "CREATE TABLE lockstep.whole (LIKE lockstep.event) PARTITION BY LIST (lockstep.bound(id)); "
                                                "ALTER TABLE lockstep.whole ATTACH PARTITION lockstep.event FOR VALUES IN (1)",
    "lockstep.referring refers to lockstep.applied": "CREATE TABLE lockstep.referring (object text REFERENCES lockstep.applied ON DELETE CASCADE); "
                                                     "INSERT INTO lockstep.referring SELECT object FROM lockstep.applied LIMIT 1; CREATE CONSTRAINT TRIGGER late AFTER DELETE "
                                                     "ON lockstep.referring DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lockstep.planted_trigger()",
}


class PlantedJournal(Case):
    def planted(self, code):
        database, url = self.fresh("low")
        self.sql("DO $$ BEGIN CREATE ROLE journal_low LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        self.sql(f"ALTER DATABASE {database} OWNER TO journal_low; CREATE TABLE public.ran (who text); GRANT ALL ON public.ran TO PUBLIC; "
                 "GRANT ALL ON SCHEMA public TO journal_low", database)
        self.call(0, "apply", "--url", url.replace("user=postgres", "user=journal_low"), "--schema", "one.schema", "--yes")
        self.sql("SET SESSION AUTHORIZATION journal_low; " + CODE + code, database)
        self.sql("DELETE FROM public.ran", database)  # what the planting itself ran
        return database, url

    COMMANDS = (["status"], ["apply", "--schema", "two.schema", "--yes"], ["verify", "--schema", "one.schema"], ["check", "--schema", "one.schema"],
                ["history"], ["inspect"], ["identity", "show"], ["plan", "--schema", "two.schema"])

    def test_nothing_of_it_runs(self):
        """Each way to plant code meets two commands, the first one all of them."""
        for turn, (found, code) in enumerate(PLANTED.items()):
            with self.subTest(found):
                database, url = self.planted(code)
                for command in self.COMMANDS if turn == 0 else (self.COMMANDS[turn % 2], self.COMMANDS[-1]):
                    done = self.call_any(command[0], *command[1:], "--url", url)
                    self.assertEqual(1, done.returncode, command[0] + done.stdout + done.stderr)
                    self.assertIn(found, done.stderr, command[0])
                    self.assertIn("nothing was changed", done.stderr)
                self.assertEqual("", self.sql("SELECT * FROM public.ran", database))

    def test_a_journal_as_it_was_made_is_used(self):
        database, url = self.planted("")
        for command in (["plan", "--schema", "two.schema"], ["apply", "--schema", "two.schema", "--yes"], ["verify", "--schema", "two.schema"],
                        ["status"], ["history"]):
            self.call(0, *command, "--url", url)

    def test_a_superuser_finishes_no_run_that_others_may_have_written(self):
        database, url = self.planted("")
        low = url.replace("user=postgres", "user=journal_low")
        self.call_any("apply", "--url", low, "--schema", "two.schema", "--yes", environment={"LOCKSTEP_CRASH_AT": "s01:after-intent"})
        for command in (["resume", "--yes"], ["apply", "--schema", "two.schema", "--yes"],
                        ["resolve", "--abandon", "--undo", "--reason", "x"]):
            done = self.call(3, *command, "--url", url)
            self.assertIn("journal_low may write", done.stderr)
            self.assertIn("Nothing was changed", done.stderr)
        self.call(0, "resume", "--yes", "--url", low)
        self.call(0, "plan", "--detailed-exitcode", "--url", url, "--schema", "two.schema")


MINE = "schema mine { table m { id integer not null primary key; b integer not null backfill (3); } }\n"


class PlantedHelpers(Case):
    """A role that may create schemas has made schema lockstep first, or may write the journal."""

    def setUp(self):
        super().setUp()
        self.sql("DO $$ BEGIN CREATE ROLE journal_low LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
                 "DO $$ BEGIN CREATE ROLE journal_deployer LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
                 f"GRANT CREATE ON DATABASE {self.database} TO journal_low; ALTER DATABASE {self.database} OWNER TO journal_deployer;"
                 "SET ROLE journal_deployer; CREATE SCHEMA app; CREATE TABLE app.u (id integer PRIMARY KEY, e text); CREATE TABLE app.keep (a integer);"
                 "INSERT INTO app.keep VALUES (1); INSERT INTO app.u VALUES (1); GRANT USAGE, CREATE ON SCHEMA app TO journal_low;"
                 "SET ROLE journal_low; CREATE SCHEMA mine; CREATE TABLE mine.m (id integer PRIMARY KEY); INSERT INTO mine.m VALUES (1)")
        self.write("none.schema", "schema mine { table m { id integer not null primary key; } }\n")
        self.write("mine.schema", MINE)
        self.write("fill.schema", "schema app partial { table u { id integer not null primary key; e text; f integer not null backfill (3); } }\n")
        self.write("gone.schema", "schema app partial { table u { id integer not null primary key; } }\n")
        self.write("comment.schema", "schema app partial { table u { id integer not null primary key; e text; comment 'c'; } }\n")

    def as_(self, role):
        return self.url.replace("user=postgres", "user=" + role)

    def low_journal(self, *more):
        """Of his own, for the deployer to use."""
        self.call(0, "apply", "--url", self.as_("journal_low"), "--schema", "none.schema", "--yes")
        done = self.call_any("apply", "--url", self.as_("journal_low"), "--schema", "mine.schema", "--yes", "--allow", "all", *more,
                             environment={"LOCKSTEP_CRASH_AT": "s02:after-settled"} if more else None)
        self.assertEqual(-9 if more else 0, done.returncode, done.stderr)
        self.sql("SET ROLE journal_low; GRANT ALL ON SCHEMA lockstep TO journal_deployer; GRANT ALL ON ALL TABLES IN SCHEMA lockstep TO journal_deployer;"
                 "GRANT ALL ON ALL SEQUENCES IN SCHEMA lockstep TO journal_deployer")

    def name_of_helper(self, schema):
        """Of a step of the plan, not of its way back."""
        plan = json.loads(self.call(0, "plan", "--url", self.url, "--schema", schema + ".schema", "--format", "json").stdout)
        statements = "\n".join(statement for step in plan["steps"] for statement in step["sql"])
        return re.search(r"lockstep\.(zz_lockstep_\w+)\(\)", statements).group(1)

    def plant(self, name):
        self.sql(f"SET ROLE journal_low; CREATE FUNCTION lockstep.{name}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'")

    def test_a_function_that_stood_there_before(self):
        self.low_journal()
        for schema in ("fill", "gone"):
            name = self.name_of_helper(schema)
            self.plant(name)
            for role in ("postgres", "journal_deployer"):
                done = self.call(3, "apply", "--url", self.as_(role), "--schema", schema + ".schema", "--yes", "--allow", "all")
                self.assertIn(f"function lockstep.{name}(), of role journal_low: DROP FUNCTION lockstep.{name}()", done.stderr)
                self.assertIn("Nothing was changed", done.stderr)
            self.sql(f"DROP FUNCTION lockstep.{name}()")
            self.call(0, "apply", "--url", self.url, "--schema", schema + ".schema", "--yes", "--allow", "all")

    def test_a_function_that_came_while_the_run_went_on(self):
        self.low_journal()
        name = self.name_of_helper("fill")
        self.killed("fill", "s01")
        self.sql("REASSIGN OWNED BY journal_low TO postgres; REVOKE ALL ON SCHEMA lockstep FROM journal_deployer;"
                 "REVOKE ALL ON ALL TABLES IN SCHEMA lockstep FROM journal_low, journal_deployer; GRANT CREATE, USAGE ON SCHEMA lockstep TO journal_low")
        self.plant(name)
        done = self.call(3, "resume", "--url", self.url, "--yes")
        self.assertIn(f"function lockstep.{name}(), of role journal_low", done.stderr)
        self.sql(f"DROP FUNCTION lockstep.{name}()")
        done = self.call_any("resume", "--url", self.url, "--yes", environment={"LOCKSTEP_CRASH_AT": "s02:after-settled"})
        self.assertEqual(-9, done.returncode, done.stderr)
        self.sql(f"ALTER FUNCTION lockstep.{name}() OWNER TO journal_low")
        self.assertIn(f"function lockstep.{name}(), which the run has made, belongs to journal_low", self.call(3, "resume", "--url", self.url, "--yes").stderr)
        self.sql(f"ALTER FUNCTION lockstep.{name}() OWNER TO postgres")
        self.call(0, "resume", "--url", self.url, "--yes")

    def test_a_trigger_that_stood_there_before(self):
        name = self.name_of_helper("fill")
        self.sql("CREATE FUNCTION app.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';"
                 f"CREATE TRIGGER {name} BEFORE INSERT ON app.u FOR EACH ROW EXECUTE FUNCTION app.f()")
        done = self.call(1, "apply", "--url", self.url, "--schema", "fill.schema", "--yes", "--allow", "all")
        self.assertIn(f'trigger "{name}" for relation "u" already exists', done.stderr)  # seen on scratch
        self.sql(f"DROP TRIGGER {name} ON app.u")
        self.killed("fill", "s01")
        self.sql(f"CREATE TRIGGER {name} BEFORE DELETE ON app.u FOR EACH ROW EXECUTE FUNCTION app.f()")
        done = self.call_any("resume", "--url", self.url, "--yes")
        self.assertNotEqual(0, done.returncode)
        self.assertIn(name, done.stderr)

    def test_an_open_run_of_somebody_else(self):
        self.low_journal("--no-backup")
        for command in (["resume", "--yes"], ["apply", "--schema", "mine.schema", "--yes", "--allow", "all"],
                        ["apply", "--schema", "comment.schema", "--yes", "--allow", "all"], ["resolve", "s03", "--applied"],
                        ["resolve", "--abandon", "--undo", "--reason", "x"]):
            done = self.call(3, *command, "--url", self.as_("journal_deployer"))
            self.assertIn("schema lockstep, which journal_low may write", done.stderr)
            self.assertIn("Nothing was changed", done.stderr)
        self.assertIn("as database role journal_low", self.call(3, "resume", "--yes", "--url", self.as_("journal_deployer")).stderr)
        self.assertIn("journal_deployer may write", self.call(3, "resume", "--yes", "--url", self.as_("journal_low")).stderr)
        self.sql("SET ROLE journal_low; REVOKE ALL ON ALL TABLES IN SCHEMA lockstep FROM journal_deployer")
        self.call(0, "resume", "--yes", "--url", self.as_("journal_low"))

    def test_a_member_of_the_owner_goes_on_with_his_run(self):
        self.low_journal("--no-backup")
        self.sql("GRANT journal_low TO journal_deployer")
        self.addCleanup(lambda: self.sql("REVOKE journal_low FROM journal_deployer"))
        self.assertIn("as database role journal_low", self.call(0, "resume", "--yes", "--url", self.as_("journal_deployer")).stderr)

    def test_every_right_to_write_counts(self):
        self.call(0, "apply", "--url", self.as_("journal_deployer"), "--schema", "comment.schema", "--yes", "--allow", "all")
        self.sql("INSERT INTO app.u SELECT generate_series(2, 9)")
        done = self.call_any("apply", "--url", self.as_("journal_deployer"), "--schema", "fill.schema", "--yes", "--allow", "all",
                             environment={"LOCKSTEP_CRASH_AT": "s02:after-settled"})
        self.assertEqual(-9, done.returncode, done.stderr)
        for right in ("UPDATE ON lockstep.run", "INSERT (detail) ON lockstep.event", "DELETE ON lockstep.object", "pg_write_all_data"):
            with self.subTest(right):
                self.sql(f"GRANT {right} TO journal_low")
                done = self.call(3, "resume", "--yes", "--url", self.as_("journal_deployer"))
                self.assertIn("journal_low may write", done.stderr)
                self.sql(f"REVOKE {right} FROM journal_low")
        self.sql("GRANT UPDATE (plan) ON lockstep.run TO PUBLIC")
        self.assertIn("PUBLIC may write", self.call(3, "resume", "--yes", "--url", self.as_("journal_deployer")).stderr)
        self.sql("REVOKE UPDATE (plan) ON lockstep.run FROM PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA lockstep TO journal_low")
        self.call(0, "resume", "--yes", "--url", self.as_("journal_deployer"))

    def test_a_run_says_who_else_may_write_as_it_begins(self):
        self.sql("GRANT pg_write_all_data TO journal_low")
        self.addCleanup(lambda: self.sql("REVOKE pg_write_all_data FROM journal_low"))
        done = self.call(0, "apply", "--url", self.as_("journal_deployer"), "--schema", "comment.schema", "--yes", "--allow", "all")
        said = "journal_low may write to schema lockstep"
        self.assertIn(said, done.stdout + done.stderr)
        self.assertIn("role journal_deployer can neither resume this run nor roll it back", done.stdout + done.stderr)
        self.assertIn("journal_low may write", self.call(3, "rollback", "--yes", "--url", self.as_("journal_deployer")).stderr)

    def left_behind(self):
        self.call(0, "apply", "--url", self.url, "--schema", "comment.schema", "--yes", "--allow", "all")
        self.killed("fill", "s02")
        self.call(0, "resolve", "--abandon", "--reason", "x", "--url", self.url)

    def test_what_the_journal_says_is_not_run(self):
        self.left_behind()
        self.sql("UPDATE lockstep.object SET undo = 'DROP TABLE app.keep'")
        plan = self.call(0, "plan", "--url", self.url, "--schema", "comment.schema").stdout
        self.assertNotIn("keep", plan)
        self.assertIn("DROP FUNCTION IF EXISTS lockstep.zz_lockstep_fill_", plan)
        self.call(0, "apply", "--url", self.url, "--schema", "comment.schema", "--yes", "--allow", "all")
        self.assertEqual("1", self.sql("SELECT count(*) FROM app.keep").strip())
        self.assertEqual("", self.sql("SELECT proname FROM pg_proc WHERE proname ~ '^zz_lockstep'").strip())

    def test_the_journal_says_that_something_of_the_users_is_transitional(self):
        self.left_behind()
        self.sql("ALTER TABLE app.u ADD CONSTRAINT ck CHECK (id > 0); UPDATE lockstep.object SET type = 'table constraint', names = '{app,u,ck}', "
                 "class_oid = 'pg_constraint'::regclass, object_oid = (SELECT oid FROM pg_constraint WHERE conname = 'ck') WHERE type = 'function'")
        done = self.call(3, "apply", "--url", self.url, "--schema", "comment.schema", "--yes", "--allow", "all")
        self.assertIn("a row that Lockstep didn't write: table constraint app.u.ck", done.stderr)
        self.assertEqual("ck", self.sql("SELECT conname FROM pg_constraint WHERE conname = 'ck'").strip())
        self.sql("DELETE FROM lockstep.object WHERE type = 'table constraint'")
        self.call(0, "apply", "--url", self.url, "--schema", "comment.schema", "--yes", "--allow", "all")

    def test_what_others_may_have_left_behind(self):
        self.left_behind()
        self.sql("GRANT UPDATE ON lockstep.object TO journal_low")
        for command in (["apply", "--schema", "comment.schema", "--yes", "--allow", "all"], ["resolve", "--undo"]):
            self.assertIn("journal_low may write", self.call(3, *command, "--url", self.url).stderr)
        self.call(0, "plan", "--url", self.url, "--schema", "comment.schema")
        self.sql("REVOKE UPDATE ON lockstep.object FROM journal_low")
        self.call(0, "apply", "--url", self.url, "--schema", "comment.schema", "--yes", "--allow", "all")
