"""What somebody changed between the plan and the moment of a step: found under the step's lock."""
import unittest

from harness import Case

BEFORE = "schema app {\n  table a { id bigint not null primary key; note text; }\n  table b { id bigint not null primary key; note text; }\n}\n"
AFTER = "schema app {\n  table a { id bigint not null primary key; }\n  table b { id bigint not null primary key; }\n}\n"


class StaleStep(Case):
    def setUp(self):
        super().setUp()
        self.write("before.schema", BEFORE)
        self.write("after.schema", AFTER)
        self.apply(0, "before", "--yes")
        self.sql("INSERT INTO app.a VALUES (1, 'x'); INSERT INTO app.b VALUES (1, 'y')")

    def indexes(self):
        return self.sql("SELECT indexname FROM pg_indexes WHERE schemaname = 'app' AND indexname LIKE '%note%'")

    def test_an_index_made_in_the_middle_of_a_run_is_not_lost(self):
        self.killed("after", "s01")
        self.sql("CREATE INDEX b_note ON app.b (note)")
        done = self.call(7, "resume", "--url", self.url, "--yes")
        self.assertIn("app.b: index b_note is new", done.stderr)
        self.assertIn("of 6 steps are done", done.stderr)
        self.assertEqual("b_note\n", self.indexes())
        self.sql("DROP INDEX app.b_note")
        self.call(0, "resume", "--url", self.url, "--yes")
        self.call(0, "plan", "--url", self.url, "--schema", "after.schema", "--detailed-exitcode")

    def test_a_saved_plan_is_compared_with_the_database_before_its_first_step(self):
        self.call(0, "plan", "--url", self.url, "--schema", "after.schema", "-o", "p.json")
        trigger = "CREATE TRIGGER t BEFORE UPDATE ON app.b FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        for change, words, back in (("CREATE INDEX b_note ON app.b (note)", "app.b.note", "DROP INDEX app.b_note"),
                                    (trigger, "trigger t is new", "DROP TRIGGER t ON app.b")):
            self.sql(change)
            done = self.call(4, "apply", "p.json", "--url", self.url, "--yes", "--allow", "all")
            self.assertIn(words, done.stderr)
            self.assertIn("othing was changed", done.stderr)
            self.assertEqual("2\n", self.sql("SELECT count(*) FROM pg_attribute WHERE attname = 'note' AND attrelid::regclass::text IN "
                                             "('app.a', 'app.b')"))
            self.sql(back)
        self.call(0, "apply", "p.json", "--url", self.url, "--yes", "--allow", "all")

    def test_what_does_not_matter_to_a_step_does_not_stop_it(self):
        more = BEFORE.replace("note text; }", "note text; more text; }")
        self.write("more.schema", more)
        self.call(0, "plan", "--url", self.url, "--schema", "more.schema", "-o", "p.json")
        self.sql("CREATE INDEX a_note ON app.a (note); CREATE VIEW app.v AS SELECT note FROM app.b; ALTER TABLE app.b ADD other text; "
                 "ALTER TABLE app.b ADD CHECK (note <> 'no')")
        self.call(0, "apply", "p.json", "--url", self.url, "--yes")
        self.assertEqual("2\n", self.sql("SELECT count(*) FROM pg_attribute WHERE attname = 'more' AND attrelid::regclass::text IN ('app.a', 'app.b')"))

    def test_what_is_left_is_compared_before_a_run_goes_on(self):
        self.killed("after", "s01")
        self.sql("CREATE VIEW app.v AS SELECT note FROM app.b")
        done = self.call(7, "resume", "--url", self.url, "--yes")
        self.assertIn("view app.v reads it is new", done.stderr)
        self.assertIn("Nothing was changed by this command. 1 of 6", done.stderr)
        self.sql("DROP VIEW app.v; CREATE INDEX b_id ON app.b ((id + 1))")
        self.call(0, "resume", "--url", self.url, "--yes")

    def test_names_that_partitions_chose_for_themselves_are_no_change(self):
        self.sql("CREATE TABLE app.p (id int, n text) PARTITION BY RANGE (id); CREATE INDEX p_n ON app.p (n);"
                 "CREATE TABLE app.p1 PARTITION OF app.p FOR VALUES FROM (1) TO (10); ALTER INDEX app.p1_n_idx RENAME TO its_own_name")
        self.call(0, "inspect", "--url", self.url, "-o", "live.schema")
        self.write("live.schema", self.read("live.schema").replace("partition p1 for values from (1) to (10)",
                                                                   "partition p1 for values from (1) to (10) { column n default 'x'; }"))
        self.call(0, "apply", "--url", self.url, "--schema", "live.schema", "--yes")
        self.assertEqual("its_own_name\n", self.sql("SELECT indexname FROM pg_indexes WHERE tablename = 'p1'"))

    def test_a_hook_that_changes_the_table_makes_the_plan_stale(self):
        self.write("lockstep.yaml", "schema: [after.schema]\nenvironments:\n  dev:\n    url: \"${LOCKSTEP_TEST_URL}\"\n"
                   f"    hooks: {{ before: [\"{self.server.bin}/psql -X -q -d \\\"$LOCKSTEP_TEST_URL\\\" -c 'CREATE INDEX a_note ON app.a (note)'\"], environment: [LOCKSTEP_TEST_URL] }}\n")
        done = self.call(4, "apply", "--env", "dev", "--yes", "--allow", "all", environment={"LOCKSTEP_TEST_URL": self.url})
        self.assertIn("what depends on column app.a.note has changed", done.stderr)
        self.assertEqual("a_note\n", self.indexes())


if __name__ == "__main__":
    unittest.main()
