"""A plan that undoes what somebody did by hand asks for consent; one that doesn't, doesn't."""
import json

from harness import Case


class DriftHazard(Case):
    def hazards(self, schema, *more):
        done = self.call(0, "plan", "--url", self.url, "--schema", schema + ".schema", "--format", "json", *more)
        return sorted(one["object"] for step in json.loads(done.stdout)["steps"] for one in step.get("consequences", ())
                      if one["hazard"] == "drift")

    def test_each_way_of_undoing(self):
        self.write("one.schema", self.read("one.schema").replace("note text;", "note text; comment 'ours';"))
        self.apply(0, "one", "--yes")
        self.sql("ALTER TABLE app.t ALTER note SET DEFAULT 'x'; CREATE INDEX by_note ON app.t (note); COMMENT ON TABLE app.t IS 'mine'; "
                 "ALTER TABLE app.t DROP CONSTRAINT t_pkey")
        self.assertEqual(["app.t", "app.t.by_note", "app.t.note", "app.t.t_pkey"], self.hazards("one"))
        done = self.apply(3, "one", "--yes", "--allow", "drop,long-lock,breaking,rewrite")
        self.assertIn("undoes what somebody did by hand: index app.t.by_note was added; `lockstep adopt` keeps it", done.stderr)
        self.assertIn("drift:app.t.by_note", done.stderr)
        self.assertEqual("1", self.sql("SELECT count(*) FROM pg_class WHERE relname = 'by_note'").strip())
        self.apply(0, "one", "--yes", "--allow", "drop,long-lock,breaking,rewrite,drift:app.t*")
        self.call(0, "verify", "--url", self.url, "--schema", "one.schema", "--strict")

    def test_a_whole_table_is_one(self):
        self.apply(0, "one", "--yes")
        self.sql("CREATE TABLE app.mine (id int PRIMARY KEY, note text)")
        self.assertEqual(["app.mine"], self.hazards("one"))
        self.apply(3, "one", "--yes", "--allow", "drop")
        self.apply(0, "one", "--yes", "--allow", "drop,drift:app.mine")

    def test_what_something_else_needs_is_refused_by_name(self):
        self.apply(0, "one", "--yes")
        self.sql("CREATE FUNCTION app.e() RETURNS event_trigger LANGUAGE plpgsql AS $$ begin end $$; "
                 "CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION app.e()")
        where = ("--url", self.url, "--schema", "one.schema")
        done = self.call(3, "plan", *where)
        self.assertIn("function app.e() can't be dropped: it is needed by what the files don't manage:\n  event trigger watch\n"
                      "Nothing was changed. Drop that by hand, or declare it in the files", done.stderr)
        self.assertIn("--exclude 'function app.e()'", done.stderr)
        self.call(0, "plan", *where, "--exclude", "function app.e()")
        self.call(0, "adopt", *where)
        self.call(0, "plan", *where, "--detailed-exitcode")
        self.sql("CREATE SCHEMA other; CREATE TABLE app.up (id int PRIMARY KEY); CREATE TABLE other.down (id int REFERENCES app.up); "
                 "CREATE VIEW other.v AS SELECT * FROM app.up")
        done = self.call(3, "plan", *where)
        self.assertIn("view other.v", done.stderr)
        self.assertIn("--exclude 'table app.up'", done.stderr)

    def test_what_is_not_undone_is_none(self):
        self.apply(0, "one", "--yes")
        self.sql("ALTER TABLE app.t ADD extra integer")
        self.write("three.schema", self.read("two.schema").replace("extra integer;", "extra integer; more text;"))
        self.assertEqual([], self.hazards("three"))
        self.apply(0, "three", "--yes")

    def test_without_a_record_there_is_none(self):
        self.sql("CREATE SCHEMA app; CREATE TABLE app.t (id bigint NOT NULL PRIMARY KEY, note text, by_hand text)")
        self.assertEqual([], self.hazards("one"))

    def test_a_change_of_the_files_is_none(self):
        self.apply(0, "two", "--yes")
        self.assertEqual([], self.hazards("one"))

    def test_an_open_runs_own_work_is_none(self):
        self.apply(0, "one", "--yes")
        self.killed("two", "s01", "before-exec")
        self.assertEqual([], self.hazards("two"))
        self.sql("CREATE INDEX by_note ON app.t (id)")
        self.call(0, "resolve", "--url", self.url, "--abandon", "--reason", "test")
        self.assertEqual(["app.t.by_note"], self.hazards("two"))

    def test_a_saved_plan_keeps_it(self):
        self.apply(0, "one", "--yes")
        self.sql("ALTER TABLE app.t ALTER note SET NOT NULL")
        self.call(0, "plan", "--url", self.url, "--schema", "one.schema", "-o", "plan.json")
        self.assertIn("drift:app.t.note", self.call(3, "apply", "plan.json", "--url", self.url, "--yes").stderr)
        self.call(0, "apply", "plan.json", "--url", self.url, "--yes", "--allow", "drift,breaking")
