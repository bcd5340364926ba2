"""What a rollout makes and takes away: known by OID, never by its name; and what becomes of it when a run is given up."""
import json

from harness import Case

OLD = "schema app {\n  table t { id bigint not null primary key; fax text not null default 'none'; note text; }\n}\n"
NEW = "schema app {\n  table t { id bigint not null primary key; note text; }\n}\n"
FILLED = "schema app {\n  table t { id bigint not null primary key; fax text not null default 'none'; note text not null backfill ('x'); }\n}\n"


class LeftOver(Case):
    def setUp(self):
        super().setUp()
        for name, text in (("old", OLD), ("new", NEW), ("filled", FILLED)):
            self.write(name + ".schema", text)
        self.apply(0, "old", "--yes")
        self.sql("INSERT INTO app.t SELECT n, 'fax ' || n FROM generate_series(1, 100) n")

    def objects(self):
        return self.sql("SELECT role FROM lockstep.object ORDER BY id").splitlines()

    def verify(self, code=0, *more):
        return self.call(code, "verify", "--url", self.url, *more)

    def give_up(self, *more):
        return self.call(0, "resolve", "--abandon", "--reason", "test", "--url", self.url, *more).stdout

    def test_a_column_of_the_users_is_the_users(self):
        # Of any name, and while a run is open or was given up.
        mine = OLD.replace("note text;", "note text; lockstep_dropped_fax integer; lockstep_dropped_x text;")
        self.write("mine.schema", mine)
        self.write("less.schema", mine.replace("fax text not null default 'none';", ""))
        self.apply(0, "mine", "--yes")
        self.sql("UPDATE app.t SET lockstep_dropped_fax = id, lockstep_dropped_x = 'mine'")
        self.killed("less", "s01")
        self.assertIn("hidden column", self.objects())
        self.verify(0)
        self.sql("ALTER TABLE app.t DROP COLUMN lockstep_dropped_x")
        self.assertIn("- column app.t.lockstep_dropped_x", self.verify(2).stdout)
        self.sql("ALTER TABLE app.t ADD COLUMN lockstep_dropped_x text")
        self.sql("UPDATE app.t SET lockstep_dropped_x = 'mine'")
        self.give_up()
        self.apply(0, "less", "--yes", "--allow", "all")
        self.verify(0, "--schema", "less.schema", "--strict")
        self.assertEqual("100\t5050", self.sql("SELECT count(*), sum(lockstep_dropped_fax) FROM app.t WHERE lockstep_dropped_x = 'mine'").strip())
        self.assertEqual([], self.objects())

    def test_what_cleans_up_is_no_run_that_is_undone(self):
        self.killed("filled", "s01")
        given_up = self.newest()
        self.assertIn("done: remove the fill trigger", self.give_up("--undo"))
        clean_up = self.newest()
        self.assertNotEqual(given_up, clean_up)
        rollback = lambda code, *more: self.call(code, "rollback", "--url", self.url, "--yes", "--allow", "all", *more)
        self.assertIn(f"run {clean_up} only took away what earlier runs had left behind", rollback(64, clean_up[:8]).stderr)
        self.assertIn(f"run {given_up} is undone", rollback(0).stdout)
        self.assertIn("is undone already", rollback(64, given_up[:8]).stderr)
        self.verify(0, "--schema", "old.schema", "--strict")
        self.assertEqual([], self.objects())

    def newest(self):
        return json.loads(self.call(0, "history", "--url", self.url, "--format", "json").stdout)["runs"][0]["id"]

    def test_the_old_files_get_the_hidden_column_back(self):
        self.killed("new", "s01")
        self.sql("INSERT INTO app.t (id) VALUES (101)")  # while it is hidden
        text = self.give_up()
        self.assertIn("hidden column app.t.lockstep_dropped_fax of app.t.fax", text)
        self.verify(0)
        plan = self.call(0, "plan", "--url", self.url, "--schema", "old.schema").stdout
        self.assertIn("give app.t.fax its name back", plan)
        self.apply(0, "old", "--yes", "--allow", "all")
        self.assertEqual("100\tnone", self.sql("SELECT count(*) FILTER (WHERE fax = 'fax ' || id), max(fax) FILTER (WHERE id = 101) FROM app.t").strip())
        self.assertEqual("t\t'none'::text", self.sql("SELECT attnotnull, pg_get_expr(adbin, adrelid) FROM pg_attribute JOIN pg_attrdef ON adrelid = attrelid "
                                                    "AND adnum = attnum WHERE attrelid = 'app.t'::regclass AND attname = 'fax'").strip())
        self.verify(0, "--schema", "old.schema", "--strict")
        self.assertEqual([], self.objects())

    def test_the_new_files_finish_what_was_begun(self):
        self.killed("new", "s01")
        self.give_up()
        self.assertIn("drop-column", self.apply(3, "new", "--yes").stderr)  # its consent is asked for again
        done = self.apply(0, "new", "--yes", "--allow", "all")
        self.assertIn("backup: ", done.stdout)
        self.verify(0, "--schema", "new.schema", "--strict")
        self.assertEqual([], self.objects())
        self.assertEqual("", self.sql("SELECT proname FROM pg_proc WHERE pronamespace = 'lockstep'::regnamespace AND proname ~ '^zz_'").strip())

    def test_plans_that_tidy_up_are_saved_and_resumed(self):
        # What a saved plan and an open run are asked for knows the hidden column by lockstep.object.
        for wanted, last in (("old", "'fax ' || id"), ("new", None)):
            with self.subTest(wanted=wanted):
                self.killed("new", "s01")
                self.give_up()
                self.call(0, "plan", "--url", self.url, "--schema", wanted + ".schema", "-o", "plan.json")
                steps = [step["id"] for step in json.loads(self.read("plan.json"))["steps"]]
                more = ("--yes", "--allow", "all", "--url", self.url)
                done = self.call_any("apply", "plan.json", *more, environment={"LOCKSTEP_CRASH_AT": steps[0] + ":before-commit"})
                self.assertEqual(-9, done.returncode, done.stderr)
                done = self.call_any("resume", "--yes", "--url", self.url, environment={"LOCKSTEP_CRASH_AT": steps[0] + ":after-settled"})
                self.assertEqual(-9, done.returncode, done.stderr)
                self.call(0, "resume", "--yes", "--url", self.url)
                self.verify(0, "--schema", wanted + ".schema", "--strict")
                self.assertEqual([], self.objects())
                if last:
                    self.assertEqual("100", self.sql(f"SELECT count(*) FROM app.t WHERE fax = {last}").strip())

    def test_undo(self):
        self.killed("new", "s01")
        self.assertIn("give app.t.fax its name back", self.give_up("--undo"))
        self.assertEqual("100", self.sql("SELECT count(fax) FROM app.t").strip())
        self.assertEqual([], self.objects())
        self.verify(0)
        self.apply(0, "old", "--yes", "--allow", "all")
        self.killed("new", "s01")
        self.give_up()
        self.call(64, "resolve", "--undo", "--reason", "x", "--url", self.url)
        self.call(0, "resolve", "--undo", "--url", self.url)
        self.call(64, "resolve", "--undo", "--url", self.url)
        self.assertEqual([], self.objects())

    def test_a_plan_that_does_not_know_of_it_is_stale(self):
        self.call(0, "plan", "--url", self.url, "--schema", "filled.schema", "-o", "plan.json")
        self.killed("filled", "s01")
        self.assertEqual(["fill trigger", "fill trigger"], self.objects())
        self.give_up()
        self.assertIn("fill trigger", self.call(4, "apply", "plan.json", "--url", self.url, "--yes", "--allow", "all").stderr)
        self.apply(0, "filled", "--yes", "--allow", "all")
        self.verify(0, "--schema", "filled.schema", "--strict")
        self.assertEqual([], self.objects())

    def test_renamed_by_hand(self):
        self.killed("new", "s01")
        self.sql("ALTER TABLE app.t RENAME COLUMN lockstep_dropped_fax TO elsewhere")
        self.verify(0)
        self.give_up()
        self.assertIn("is app.t.elsewhere now", self.apply(3, "old", "--yes", "--allow", "all").stderr)
        self.sql("ALTER TABLE app.t RENAME COLUMN elsewhere TO lockstep_dropped_fax")
        self.apply(0, "old", "--yes", "--allow", "all")
        self.verify(0, "--schema", "old.schema", "--strict")

    def test_removed_by_hand(self):
        self.killed("filled", "s01")
        self.sql("DO $$DECLARE t name; BEGIN SELECT tgname INTO t FROM pg_trigger WHERE tgrelid = 'app.t'::regclass; "
                 "EXECUTE format('DROP TRIGGER %I ON app.t', t); END$$")
        self.give_up()
        self.apply(0, "filled", "--yes", "--allow", "all")
        self.verify(0, "--schema", "filled.schema", "--strict")
        self.assertEqual([], self.objects())

    def test_rows_from_another_database_mean_nothing_here(self):
        self.killed("new", "s01")
        copy, url = self.fresh("copy", self.database)  # its OIDs are the same, and it isn't the database they speak of
        self.call(4, "verify", "--url", url)
        self.assertIn("lockstep_dropped_fax", self.call(0, "inspect", "--url", url).stdout)
        self.assertNotIn("lockstep_dropped_fax", self.call(0, "inspect", "--url", self.url).stdout)

    def test_what_is_declared_anew_meanwhile(self):
        self.killed("new", "s01")
        self.give_up()
        self.write("gone.schema", "schema app {\n}\n")
        self.apply(0, "gone", "--yes", "--allow", "all")  # the table goes, and the hidden column with it
        self.verify(0, "--schema", "gone.schema", "--strict")
        self.assertEqual([], self.objects())

    def test_partitions(self):
        head = "schema app {\n  table p partition by range (id) {\n    id bigint not null;\n"
        parts = "    partition p1 for values from (0) to (10);\n    partition p2 default;\n  }\n}\n"
        self.write("whole.schema", head + "    fax text not null default 'none';\n" + parts)
        self.write("without.schema", head + parts)
        self.apply(0, "whole", "--yes", "--allow", "all")
        self.sql("INSERT INTO app.p SELECT n, 'fax ' || n FROM generate_series(0, 99) n")
        self.killed("without", "s01")
        self.verify(0)
        self.assertNotIn("lockstep_dropped", self.call(0, "inspect", "--url", self.url).stdout)
        self.give_up()
        self.verify(0)
        self.apply(0, "whole", "--yes", "--allow", "all")
        self.assertEqual("100", self.sql("SELECT count(*) FROM app.p WHERE fax = 'fax ' || id").strip())
        self.verify(0, "--schema", "whole.schema", "--strict")
        self.assertEqual([], self.objects())


class AnotherIsOpen(Case):
    def setUp(self):
        super().setUp()
        for name, text in (("old", OLD), ("new", NEW), ("filled", FILLED)):
            self.write(name + ".schema", text)
        self.apply(0, "old", "--yes")
        self.sql("INSERT INTO app.t SELECT n, 'fax ' || n FROM generate_series(1, 100) n")
        self.killed("new", "s01")

    def test_files_that_say_something_else(self):
        for more in ((), ("--yes",), ("--yes", "--allow", "all")):
            text = self.apply(3, "old", *more).stderr
            for part in ("is open on database", "schema files that said something else", "It would still", "drop column app.t.fax", "lockstep resume --url",
                         "lockstep resolve --abandon --reason"):
                self.assertIn(part, text)
        self.assertEqual("100", self.sql("SELECT count(lockstep_dropped_fax) FROM app.t").strip())
        self.apply(0, "new", "--yes", "--allow", "all")  # those it was started for
        self.call(0, "verify", "--url", self.url, "--schema", "new.schema", "--strict")

    def test_another_plan(self):
        self.call(0, "plan", "--url", self.url, "--schema", "filled.schema", "-o", "other.json")
        self.assertIn("another plan than this one", self.call(3, "apply", "other.json", "--url", self.url, "--yes").stderr)

    def test_plan_status_and_check_say_it_first(self):
        for format, begin in (("text", "Run "), ("sql", "-- Run "), ("markdown", "> **Open run.** Run ")):
            done = self.call(0, "plan", "--url", self.url, "--schema", "old.schema", "--format", format)
            self.assertTrue(done.stdout.startswith(begin), done.stdout[:200])
        done = self.call(0, "plan", "--url", self.url, "--schema", "old.schema", "--format", "json")
        self.assertIn("is open after", done.stderr)
        json.loads(done.stdout)
        lines = self.call(0, "status", "--url", self.url).stdout.splitlines()
        self.assertTrue(lines[1].startswith("open run"), lines)
        findings = self.call(0, "check", "--url", self.url, "--schema", "old.schema").stdout.splitlines()
        said = [line for line in findings if "stopped after" in line]
        self.assertEqual(1, len(said), findings)
        self.assertLess(findings.index(said[0]), next(i for i, line in enumerate(findings) if "PostgreSQL" in line))
