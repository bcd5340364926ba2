"""The way back: what comes back, what stays, and what it refuses. That each step of each case can be undone is tests/cases' to show."""
import json
import os

from harness import Case

OLD = "schema app {\n  table t { id bigint not null primary key; note text; size bigint; }\n}\n"
NEW = "schema app {\n  table t { id bigint not null primary key; size integer; tag text; }\n}\n"


class Rollback(Case):
    def setUp(self):
        super().setUp()
        self.write("old.schema", OLD)
        self.write("new.schema", NEW)
        self.apply(0, "old", "--yes")
        self.sql("INSERT INTO app.t VALUES (1, 'a', 10), (2, 'b', 20)")
        self.target = ("--url", self.url)

    def rollback(self, code, *more):
        return self.call(code, "rollback", *self.target, *more)

    def rows(self):
        return self.sql("SELECT id, note, size FROM app.t ORDER BY id")

    def runs(self):
        return json.loads(self.call(0, "history", *self.target, "--format", "json").stdout)["runs"]

    def change(self):
        self.apply(0, "new", "--yes", "--allow", "all")

    def test_what_prints_a_renamed_column_is_no_drift_after_it(self):
        self.write("old.schema", "schema s { table m partition by list (a) { a text; partition c default { index ci on (a); } } table p { a text; } table k inherits (s.p) { check k_a (a <> 'q'); } }")
        self.write("new.schema", "schema s { table m partition by list (aa) { aa text renamed from a; partition c default { index ci on (aa); } } "
                                 "table p { aa text renamed from a; } table k inherits (s.p) { check k_a (aa <> 'q'); } }")
        self.apply(0, "old", "--yes")
        self.apply(0, "new", "--yes", "--allow", "all")
        self.call(0, "rollback", "--url", self.url, "--yes", "--allow", "all")
        self.call(0, "verify", "--url", self.url)
        self.assertIn("nothing to do", self.apply(0, "old", "--yes").stdout)

    def test_dropped_values_come_back_and_newer_ones_stay(self):
        self.change()
        self.sql("UPDATE app.t SET size = 21 WHERE id = 2; INSERT INTO app.t VALUES (3, 30)")
        done = self.rollback(0, "--yes", "--allow", "all")
        self.assertIn("a column that comes back stands last):\n  column app.t.note has changed\nsaved", done.stdout)
        self.assertEqual("1\ta\t10\n2\tb\t21\n3\t\t30\n", self.rows())
        self.assertIn("rolled back", self.call(0, "history", *self.target).stdout)
        self.call(0, "verify", *self.target)

    def test_rows_are_asked_before_the_first_step_also_beside_a_rename(self):
        self.write("old.schema", "schema app { table t { id integer not null primary key; v integer; mail text; } }")
        self.write("new.schema", "schema app { table t { id integer not null primary key; v bigint; email text renamed from mail; } }")
        self.sql("DROP SCHEMA app CASCADE")
        self.apply(0, "old", "--yes", "--allow", "all")
        self.sql("INSERT INTO app.t VALUES (1, 1, 'a')")
        self.change()
        self.sql("INSERT INTO app.t VALUES (2, 3000000000, 'b')")
        before = self.server.dump(self.database)
        refused = self.rollback(1, "--yes", "--allow", "all").stderr
        self.assertIn("1 row breaks it (2", refused)
        self.assertEqual(before, self.server.dump(self.database))
        self.sql("UPDATE app.t SET v = 3 WHERE id = 2")
        self.rollback(0, "--yes", "--allow", "all")
        self.call(0, "verify", *self.target, "--schema", "old.schema", "--strict")

    def replace(self, old, new):
        """Another pair of states, of which the first one is applied."""
        self.write("old.schema", old)
        self.write("new.schema", new)
        self.sql("DROP SCHEMA app CASCADE")
        self.apply(0, "old", "--yes", "--allow", "all")

    def test_the_trigger_of_several_successors_goes_with_all_of_them(self):
        self.replace("schema app { table t { online; id bigint not null primary key; a integer not null; b integer not null; } }",
                     "schema app { table t { online; id bigint not null primary key; a bigint not null; b bigint not null; } }")
        self.sql("INSERT INTO app.t SELECT n, n, n FROM generate_series(1, 100) n")
        self.apply(6, "new", "--yes", "--allow", "all", "--phase", "migrate")
        steps = self.rollback(0, "--dry-run").stdout.split("\n  s")
        together = next(step for step in steps if "DROP TRIGGER" in step)
        self.assertEqual(2, together.count("DROP COLUMN"), together)
        self.rollback(0, "--yes", "--allow", "all")
        self.sql("INSERT INTO app.t VALUES (101, 1, 1)")
        self.call(0, "verify", *self.target, "--schema", "old.schema", "--strict")

    def test_a_name_that_is_part_of_another_word_is_asked_about_too(self):
        self.replace("schema app { table t { id bigint not null primary key; x text; y varchar(5); } }",
                     "schema app { table t { id bigint not null primary key; z text renamed from x; y varchar(10); } }")
        self.sql("INSERT INTO app.t VALUES (1, 'a', 'b')")
        self.change()
        self.sql("UPDATE app.t SET y = 'abcdefgh'")
        before = self.server.dump(self.database)
        self.rollback(1, "--yes", "--allow", "all")
        self.assertEqual(before, self.server.dump(self.database))

    def test_a_row_that_refers_to_what_has_gone_can_be_deleted_in_a_hidden_table(self):
        self.replace("schema app { table t { id bigint not null primary key; } "
                     "table old { id integer not null primary key; t_id bigint references t (id) on delete cascade; } }",
                     "schema app { table t { id bigint not null primary key; } }")
        self.sql("INSERT INTO app.t VALUES (1), (2); INSERT INTO app.old VALUES (1, 1), (2, 2)")
        self.apply(0, "new", "--yes", "--allow", "all", "--hold", "1h")
        self.sql("DELETE FROM app.t WHERE id = 1")
        self.rollback(1, "--yes", "--allow", "all")
        self.assertRaises(RuntimeError, self.sql, "INSERT INTO app.lockstep_dropped_old VALUES (3, 2)")
        self.sql("DELETE FROM app.lockstep_dropped_old WHERE t_id = 1")
        self.rollback(0, "--yes", "--allow", "all")
        self.assertEqual("2\t2\n", self.sql("SELECT * FROM app.old"))

    def test_numbers_of_rows_that_cannot_come_back_yet_are_not_given_again(self):
        self.replace("schema app { table t { id bigint not null primary key; } table old { "
                     "id integer not null generated by default as identity primary key; t_id bigint references t (id); } }",
                     "schema app { table t { id bigint not null primary key; } }")
        self.sql("INSERT INTO app.t VALUES (1), (2); INSERT INTO app.old (t_id) VALUES (1), (2)")
        self.change()
        self.sql("DELETE FROM app.t WHERE id = 1")
        self.rollback(7, "--yes", "--allow", "all")
        self.assertEqual("3\n", self.sql("INSERT INTO app.old (t_id) VALUES (2) RETURNING id"))

    def test_a_computed_column_does_not_keep_other_values_from_coming_back(self):
        old = "schema app { table t { id bigint not null primary key; g integer; z integer generated always as (g * 2) stored; k text; } }"
        self.replace(old, "schema app { table t { id bigint not null primary key; g integer; } }")
        self.sql("INSERT INTO app.t (id, g, k) VALUES (1, 2, 'a')")
        self.change()
        run = self.runs()[0]["id"]
        self.apply(0, "old", "--yes", "--allow", "all")
        self.call(0, "backup", "restore", run, *self.target, "--yes")
        self.assertEqual("1\t2\t4\ta\n", self.sql("SELECT id, g, z, k FROM app.t"))

    def test_a_rename_after_an_inline_reference_is_the_columns(self):
        self.replace("schema app { table m { id bigint not null primary key; } table c { id bigint not null primary key; m bigint; } }",
                     "schema app { table m { id bigint not null primary key; } "
                     "table c { id bigint not null primary key; m_id bigint references m (id) renamed from m; } }")
        self.sql("INSERT INTO app.m VALUES (1); INSERT INTO app.c VALUES (1, 1)")
        self.change()
        self.assertEqual("1\n", self.sql("SELECT m_id FROM app.c"))

    def test_a_way_back_that_is_killed_after_its_last_step_is_still_open(self):
        """Whatever was left to do: the same command does it, and never undoes the run before."""
        for point in ("end:before-rolled-back", "end:after-rolled-back", "end:before-values"):
            with self.subTest(point=point):
                self.replace(OLD, NEW)
                self.sql("INSERT INTO app.t VALUES (1, 'a', 10), (2, 'b', 20)")
                self.change()
                cut = dict(LOCKSTEP_CRASH_AT=point)
                self.assertEqual(-9, self.call_any("rollback", *self.target, "--yes", "--allow", "all", environment=cut).returncode)
                self.assertIn("open run", self.call_any("status", *self.target).stdout)
                self.rollback(0, "--yes", "--allow", "all")
                self.assertEqual("1\ta\t10\n2\tb\t20\n", self.rows())
                self.assertEqual("nothing to resume\n", self.call(0, "resume", *self.target, "--yes").stdout)

    def test_a_way_back_that_was_cut_off_goes_on_and_restores(self):
        self.change()
        cut = dict(LOCKSTEP_CRASH_AT="s01:after-settled")
        self.assertEqual(-9, self.call_any("rollback", *self.target, "--yes", "--allow", "all", environment=cut).returncode)
        for more in (["--dry-run"], ["-o", "again.json"]):
            self.assertIn("is a way back and is open", self.rollback(64, *more).stderr)
        self.rollback(0, "--yes", "--allow", "all")
        self.assertEqual("1\ta\t10\n2\tb\t20\n", self.rows())
        undone = next(run["id"] for run in self.runs() if run["state"] == "rolled back")
        self.assertIn("lockstep backup restore", self.rollback(64, undone).stderr)

    def test_consent_and_a_look_first(self):
        self.change()
        before = self.server.dump(self.database)
        self.assertIn("drop column app.t.tag", self.rollback(0, "--dry-run").stdout)
        self.rollback(3, "--yes")
        self.assertEqual(before, self.server.dump(self.database))

    def test_a_saved_way_back(self):
        self.killed("new", "s01")
        self.rollback(0, "--dry-run", "-o", "back.json")
        self.call(0, "resume", *self.target, "--yes")
        self.assertIn("has done more since", self.call(4, "apply", "back.json", *self.target, "--yes", "--allow", "all").stderr)
        self.rollback(0, "--dry-run", "-o", "back.json")
        self.call(0, "apply", "back.json", *self.target, "--yes", "--allow", "all")
        self.assertEqual("1\ta\t10\n2\tb\t20\n", self.rows())

    def test_what_somebody_changed_since(self):
        self.change()
        self.sql("ALTER TABLE app.t ALTER COLUMN tag SET DEFAULT 'x'")
        self.assertIn("changed since, not by Lockstep", self.rollback(3, "--yes", "--allow", "all").stderr)

    def test_runs_in_their_order(self):
        first = self.runs()[-1]["id"]
        self.change()
        self.assertIn("came after it", self.rollback(64, first, "--yes").stderr)
        self.assertIn("no run", self.rollback(64, "nosuch", "--yes").stderr)
        self.killed("old", "s01", "before-commit")
        self.assertIn("changed nothing", self.rollback(64, "--yes").stderr)
        self.call(0, "resolve", "--abandon", "--reason", "a test", *self.target)
        self.rollback(0, "--yes", "--allow", "all")

    def test_a_way_back_given_up_is_not_done_twice(self):
        self.change()
        self.call_any("rollback", *self.target, "--yes", "--allow", "all", environment=dict(LOCKSTEP_CRASH_AT="s01:after-settled"))
        self.call(0, "resolve", "--abandon", "--reason", "a test", *self.target)
        self.assertIn("isn't known", self.rollback(64, "--yes", "--allow", "all").stderr)

    def test_statements_that_no_step_has(self):
        """An edited plan hides them in an undo; they reach neither the database nor the scratch server."""
        self.call(0, "plan", *self.target, "--schema", "new.schema", "-o", "plan.json")
        plan = json.loads(self.read("plan.json"))
        undo = next(step["undo"]["steps"] for step in plan["steps"] if step.get("undo", {}).get("steps"))
        mark = self.path("ran")
        undo[0]["sql"] = [f"DO $$ BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch {mark}'''; END $$"]
        undo[0]["produces"] = [{"kind": "foreign_data_wrapper", "path": ["x"]}]
        self.seal(plan)
        self.call(0, "apply", "plan.json", *self.target, "--yes", "--allow", "all")
        self.assertIn("runs code of its own", self.rollback(8, "--dry-run").stderr)
        self.assertFalse(os.path.exists(mark))


TABLES = """schema app {{
  table t {{ id integer not null primary key; note text; {0} }}
  table part partition by list (id) {{ id integer not null; {0} partition part_rest default; }}
  table base {{ id integer not null; {0} }}
  table child inherits (base) {{ }}
}}
"""
INSERTS = "".join(f"INSERT INTO app.{table} (id) VALUES ({{0}}); " for table in ("t", "part", "base", "child"))


class FilledColumns(Case):
    """A run that waits at the gate has set NOT NULL: the trigger that gives the old application's rows a value doesn't go before that."""

    def setUp(self):
        super().setUp()
        self.write("before.schema", TABLES.format(""))
        self.write("filled.schema", TABLES.format("kind text not null backfill ('k');"))
        self.apply(0, "before", "--yes")
        self.sql(INSERTS.format(1))
        self.apply(6, "filled", "--yes", "--allow", "all", "--phase", "migrate")
        self.sql(INSERTS.format(2))
        self.assertEqual("k\n", self.sql("SELECT DISTINCT kind FROM (SELECT kind FROM app.t UNION ALL SELECT kind FROM app.part UNION ALL SELECT kind FROM app.base) a"))

    def step_by_step(self, *command):
        """Cut off after each of its steps; the old application writes in between."""
        for step in range(1, 40):
            done = self.call_any(*command, "--url", self.url, "--yes", "--allow", "all", environment={"LOCKSTEP_CRASH_AT": f"s{step:02}:after-settled"})
            self.sql(INSERTS.format(2 + step))
            if done.returncode != -9:
                self.assertEqual(0, done.returncode, done.stderr)
                self.assertGreater(step, 5)
                return
        self.fail("it never came to its end")

    def test_rolled_back(self):
        self.step_by_step("rollback")
        self.call(0, "verify", "--url", self.url, "--schema", "before.schema", "--strict")

    def test_given_up_and_applied_otherwise(self):
        self.call(0, "resolve", "--url", self.url, "--abandon", "--reason", "not today")
        self.step_by_step("apply", "--schema", "before.schema")
        self.call(0, "verify", "--url", self.url, "--schema", "before.schema", "--strict")

    def test_given_up_with_its_transitional_objects(self):
        self.call(0, "resolve", "--url", self.url, "--abandon", "--reason", "not today", "--undo")
        self.sql(INSERTS.format(3))
        self.apply(0, "before", "--yes", "--allow", "all")
        self.call(0, "verify", "--url", self.url, "--schema", "before.schema", "--strict")

    def test_given_up_and_applied_again(self):
        self.call(0, "resolve", "--url", self.url, "--abandon", "--reason", "not today")
        self.apply(0, "filled", "--yes", "--allow", "all")
        self.call(0, "verify", "--url", self.url, "--schema", "filled.schema", "--strict")
