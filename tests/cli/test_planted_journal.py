"""Schema `lockstep` belongs to a role of little power, which puts code into it; whoever has more rights works on that database."""
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
