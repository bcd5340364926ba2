"""What the owner of a table makes on it while somebody else's backfill is under way never runs with that one's rights."""
import json
import subprocess
import time

from harness import Case

QUIET = "BEFORE UPDATE ON app.t FOR EACH ROW WHEN (((old.note)::character varying)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])) EXECUTE FUNCTION"
TEXT = """schema app {{ table t owner {low} {{ id integer; note text; state {type} {state};
  trigger quiet before update for each row when (old.note::varchar in ('a', 'b')) execute function pg_catalog.suppress_redundant_updates_trigger(); }} }}
"""
FIRED = """CREATE SCHEMA aside; GRANT ALL ON SCHEMA aside TO PUBLIC; CREATE TABLE aside.who (name text); GRANT ALL ON aside.who TO PUBLIC;
CREATE FUNCTION aside.told() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO aside.who VALUES (current_user); RETURN new; END $$;
CREATE FUNCTION aside.said(t text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
  IF current_user <> session_user OR current_user <> '{low}' THEN RAISE EXCEPTION 'ran as %', current_user; END IF; RETURN true; END $$;
"""
FOREIGN_KEY = """CREATE FUNCTION aside.number(v aside.e) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM aside.said(''); RETURN 1; END $$;
CREATE CAST (aside.e AS integer) WITH FUNCTION aside.number(aside.e) AS IMPLICIT; ALTER TABLE app.t ADD COLUMN late aside.e DEFAULT 'a';
ALTER TABLE app.t ADD CONSTRAINT late FOREIGN KEY (late) REFERENCES aside.pk (id) NOT VALID"""
EXCHANGED = """BEGIN; ALTER TABLE app.t RENAME TO t_old; CREATE TABLE app.t (LIKE app.t_old); INSERT INTO app.t SELECT id, note, NULL FROM app.t_old;
CREATE TRIGGER late BEFORE UPDATE ON app.t FOR EACH ROW EXECUTE FUNCTION aside.told(); COMMIT"""
NEW = r"%s late( \([a-z ]+\))? is new"
MADE = {  # by the table's owner: how, what is said of it, and how it is taken away again
    "trigger": ("CREATE TRIGGER late BEFORE UPDATE ON app.t FOR EACH ROW EXECUTE FUNCTION aside.told()", NEW % "trigger", "DROP TRIGGER late ON app.t"),
    "rule": ("CREATE RULE late AS ON UPDATE TO app.t DO ALSO INSERT INTO aside.who VALUES (current_user)", NEW % "rule", "DROP RULE late ON app.t"),
    "index": ("CREATE INDEX late ON app.t ((aside.said(note)))", NEW % "code index", "DROP INDEX app.late"),
    "generated": ("ALTER TABLE app.t ADD COLUMN late boolean GENERATED ALWAYS AS (aside.said(note)) STORED", NEW % "generated column", "ALTER TABLE app.t DROP COLUMN late"),
    "check": ("ALTER TABLE app.t ADD CONSTRAINT late CHECK (aside.said(note)) NOT VALID", NEW % "constraint", "ALTER TABLE app.t DROP CONSTRAINT late"),
    "foreign key": (FOREIGN_KEY, NEW % "constraint", "ALTER TABLE app.t DROP COLUMN late; DROP CAST (aside.e AS integer)"),
    "check of a domain below": ("ALTER DOMAIN aside.d1 ADD CONSTRAINT late CHECK (aside.said(VALUE)) NOT VALID", "check late of domain aside.d1 is new",
                                "ALTER DOMAIN aside.d1 DROP CONSTRAINT late"),
    "another type": ("ALTER TABLE app.t ALTER COLUMN state TYPE aside.d3", "column state aside.d2 is gone", "ALTER TABLE app.t ALTER COLUMN state TYPE aside.d2"),
    "replaced trigger": (f"CREATE OR REPLACE TRIGGER quiet {QUIET.replace('= ANY', '<> ALL')} aside.told()", "enabled trigger quiet has changed",
                         f"CREATE OR REPLACE TRIGGER quiet {QUIET} pg_catalog.suppress_redundant_updates_trigger()"),
    "partition": ("CREATE TABLE app.p (LIKE app.t) PARTITION BY LIST (aside.one(id)); ALTER TABLE app.p ATTACH PARTITION app.t FOR VALUES IN (1)",
                  "partition of app.p is new", "ALTER TABLE app.p DETACH PARTITION app.t; DROP TABLE app.p"),
    "another table": (EXCHANGED, r"trigger late is new", "DROP TABLE app.t; ALTER TABLE app.t_old RENAME TO t"),
}
MADE_BEFORE = """CREATE TYPE aside.e AS ENUM ('a'); CREATE TABLE aside.pk (id integer primary key); INSERT INTO aside.pk VALUES (1);
CREATE FUNCTION aside.one(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM aside.said(''); RETURN 1; END $$;
CREATE DOMAIN aside.d1 AS text; CREATE DOMAIN aside.d2 AS aside.d1; CREATE DOMAIN aside.d3 AS aside.d1 CHECK (aside.said(VALUE))"""


class BetweenBatches(Case):
    def setUp(self):
        super().setUp()
        self.low = "bb_" + self.database
        self.sql(f"CREATE ROLE {self.low} LOGIN")
        self.addCleanup(lambda: (self.server.drop_database(self.database), self.server.sql("postgres", f"DROP ROLE {self.low}")))
        self.sql(FIRED.format(low=self.low) + f"SET SESSION AUTHORIZATION {self.low};" + MADE_BEFORE)
        self.sql(f"ALTER FUNCTION aside.told() OWNER TO {self.low}; ALTER FUNCTION aside.said(text) OWNER TO {self.low}")
        self.write("old.schema", TEXT.format(low=self.low, type="aside.d2", state=""))
        self.write("new.schema", TEXT.format(low=self.low, type="aside.d2", state="not null backfill ('new')"))
        self.write("lockstep.yaml", f'schema: [new.schema]\nenvironments:\n  prod:\n    url: "{self.url}"\n    backfill: {{ workers: 1 }}\n')
        self.apply(0, "old", "--yes")
        self.sql(f"GRANT ALL ON SCHEMA app TO {self.low}; INSERT INTO app.t SELECT n, repeat('x', 100) FROM generate_series(1, 60000) n; ANALYZE app.t")

    def psql(self):
        return subprocess.Popen([f"{self.server.clients}/psql", "-qXAt", "-v", "ON_ERROR_STOP=1", self.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def until(self, question, process=None):
        for _ in range(600):
            if process is not None and process.poll() is not None or self.sql("SELECT " + question).strip() == "t":
                return
            time.sleep(0.05)
        self.fail(question)

    def test_what_comes_between_two_batches(self):
        for number, (what, (make, says, take)) in enumerate(MADE.items()):
            with self.subTest(what):
                if number:
                    self.sql("ALTER TABLE app.t ALTER state DROP NOT NULL; UPDATE app.t SET state = NULL; TRUNCATE aside.who")
                reader = self.psql()
                reader.stdin.write("BEGIN;\nSELECT 'held' FROM app.t WHERE id = 50000 FOR UPDATE;\n")  # in a late block: a batch waits for it
                reader.stdin.flush()
                self.assertEqual("held", reader.stdout.readline().strip())
                run = subprocess.Popen([self.lockstep, "apply", "--env", "prod", "--yes", "--allow", "all", "--no-backup"], cwd=self.folder,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                self.until("EXISTS (SELECT FROM pg_locks WHERE NOT granted) AND EXISTS (SELECT FROM app.t WHERE state IS NOT NULL)")
                maker = self.psql()
                maker.stdin.write(f"SET SESSION AUTHORIZATION {self.low}; {make};\n")
                maker.stdin.close()
                # it has been between two attempts, or is in the queue before the next one
                self.until("count(*) > 1 FROM pg_locks WHERE NOT granted", maker)
                reader.communicate("ROLLBACK;\n", timeout=60)
                self.assertEqual(0, maker.wait(60))
                said = run.communicate(timeout=120)[0]
                self.assertEqual(7, run.returncode, said)
                self.assertRegex(said, says)
                self.assertEqual("0", self.sql("SELECT count(*) FROM aside.who").strip())
                self.assertNotEqual("0", self.sql("SELECT count(*) FROM app.t WHERE state IS NULL").strip())
                again = self.call(7, "resume", "--env", "prod", "--yes").stderr
                self.assertRegex(again, says)
                self.sql(take)
                self.call(0, "resume", "--env", "prod", "--yes")
                self.assertEqual("0", self.sql("SELECT count(*) FROM app.t WHERE state IS NULL").strip())
                self.apply(0, "old", "--yes", "--allow", "all", "--no-backup")


class Partitions(Case):
    """What runs on a partition runs with the rights of who fills the whole table."""

    TEXT = "schema app {{ table t partition by range (id) {{ id integer; note text; {more} partition t1 for values from (0) to (1000); {parts} }} }}\n"
    MORE = "state text not null backfill ('new');"
    FIRED = """CREATE SCHEMA aside; CREATE TABLE aside.who (name text); CREATE FUNCTION aside.told() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO aside.who VALUES (current_user); RETURN new; END $$;"""

    def setUp(self):
        super().setUp()
        self.write("old.schema", self.TEXT.format(more="", parts=""))
        self.write("new.schema", self.TEXT.format(more=self.MORE, parts=""))
        self.apply(0, "old", "--yes")
        self.sql(self.FIRED + "INSERT INTO app.t SELECT n, 'x' FROM generate_series(1, 900) n")

    def test_after_the_plan(self):
        self.call(0, "plan", "--url", self.url, "--schema", "new.schema", "-o", "plan.json")
        self.sql("CREATE TRIGGER x BEFORE UPDATE ON app.t1 FOR EACH ROW EXECUTE FUNCTION aside.told()")
        self.assertIn("app.t1: enabled trigger x is new", self.call(4, "apply", "plan.json", "--url", self.url, "--yes", "--allow", "all").stderr)
        self.sql("DROP TRIGGER x ON app.t1")
        self.call(0, "apply", "plan.json", "--url", self.url, "--yes", "--allow", "all")
        self.assertEqual("0", self.sql("SELECT count(*) FROM aside.who").strip())

    def test_a_new_one_as_it_goes_on(self):
        plan = self.call(0, "plan", "--url", self.url, "--schema", "new.schema", "--format", "json").stdout
        batches = next(step["id"] for step in json.loads(plan)["steps"] if "batches" in step)
        self.killed("new", batches, "before-exec")
        self.sql("CREATE TABLE app.t2 PARTITION OF app.t FOR VALUES FROM (1000) TO (2000); INSERT INTO app.t VALUES (1500, 'x'); UPDATE app.t SET state = NULL; "
                 "CREATE TRIGGER x BEFORE UPDATE ON app.t2 FOR EACH ROW EXECUTE FUNCTION aside.told()")
        said = self.call(7, "resume", "--url", self.url, "--yes").stderr
        self.assertIn("app.t2 is new, with enabled trigger x", said)
        self.assertEqual("0", self.sql("SELECT count(*) FROM aside.who").strip())
        self.sql("DROP TABLE app.t2")
        self.call(0, "resume", "--url", self.url, "--yes")
        self.assertEqual("0", self.sql("SELECT count(*) FROM app.t WHERE state IS NULL").strip())
