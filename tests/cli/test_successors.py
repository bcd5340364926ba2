"""Columns that change their type beside the traffic: what a saved plan of it may say, and rows that its trigger didn't see."""
import copy
import json

from harness import Case

OLD = """schema app {
  table t {
    online;
    id integer not null primary key;
    n smallint;
    note text;
  }
}
"""
NEW = OLD.replace("id integer", "id bigint").replace("n smallint", "n integer")


class Successors(Case):
    def setUp(self):
        super().setUp()
        self.write("old.schema", OLD)
        self.write("new.schema", NEW)
        self.target = ("--url", self.url)
        self.apply(0, "old", "--yes")
        self.sql("INSERT INTO app.t SELECT n, n, 'note ' || n FROM generate_series(1, 200) n")

    def plan(self, *more):
        self.call(0, "plan", *self.target, "--schema", "new.schema", "-o", "plan.json", *more)
        return json.loads(self.read("plan.json"))

    def edited(self, change):
        plan = self.plan()
        change(plan["steps"])
        self.seal(plan)
        return self.call_any("apply", "plan.json", *self.target, "--yes", "--allow", "all")

    def swap(self, steps):
        return next(step for step in steps if any("RENAME COLUMN" in statement for statement in step["sql"]))

    def test_a_plan_whose_helpers_are_columns_of_others_is_refused(self):
        before = self.server.dump(self.database)

        def is_note(steps):
            steps[0]["helpers"][0]["names"] = ["app", "t", "note"]

        def is_another(steps):
            step = self.swap(steps)
            step["helpers"].append(dict(steps[0]["helpers"][0], names=["app", "t", "note"], subject=["app", "t", "id"]))
        for change in (is_note, is_another):
            done = self.edited(change)
            self.assertEqual(8, done.returncode, done.stderr)
            self.assertIn("app.t.note", done.stderr)
            self.assertEqual(before, self.server.dump(self.database))

    def test_a_hidden_column_that_would_get_another_name_is_refused(self):
        self.write("new.schema", OLD.replace("    note text;\n", ""))

        def change(steps):
            next(step for step in steps if "helpers" in step)["helpers"][0]["subject"] = ["app", "t", "n"]
        done = self.edited(change)
        self.assertEqual(8, done.returncode, done.stderr)

    def test_what_a_step_says_it_makes_is_not_there_before(self):
        self.sql("CREATE INDEX by_hand ON app.t (note)")
        self.write("new.schema", OLD.replace("    note text;\n", "    note text;\n    index t_n on (n);\n    index by_hand on (note);\n"))

        def change(steps):
            steps[0]["helpers"][0]["names"] = ["app", "by_hand"]
        done = self.edited(change)
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertIn("app.by_hand", done.stderr)
        self.assertEqual("1\n", self.sql("SELECT count(*) FROM pg_class WHERE relname = 'by_hand'"))

    def test_an_edited_row_of_its_objects_is_found_before_anything_goes(self):
        self.call(6, "apply", *self.target, "--schema", "new.schema", "--yes", "--allow", "all", "--phase", "migrate")
        before = self.server.dump(self.database, "-n", "app")
        for edit, back in (("names = '{app,t,note}', attnum = 3", "names = '{app,t,lockstep_new_id}', attnum = 4"),
                           ("subject = '{app,t,note}'", "subject = '{app,t,id}'")):
            self.sql(f"UPDATE lockstep.object SET {edit} WHERE type = 'table column' AND names[3] = 'lockstep_new_id'")
            for command in (("rollback", "--yes", "--allow", "all"), ("resolve", "--abandon", "--reason", "x", "--undo")):
                self.assertIn("lockstep.object was edited", self.call(8, command[0], *self.target, *command[1:]).stderr)
            self.assertEqual(before, self.server.dump(self.database, "-n", "app"))
            self.sql(f"UPDATE lockstep.object SET {back} WHERE type = 'table column' AND subject[3] IN ('id', 'note') AND names[3] IN ('note', 'lockstep_new_id')")
        self.call(0, "rollback", *self.target, "--yes", "--allow", "all")
        self.call(0, "verify", *self.target, "--schema", "old.schema", "--strict")

    def finished(self):
        self.assertEqual("200\t20100\t20100\n", self.sql("SELECT count(note), sum(id), sum(n) FROM app.t"))
        self.call(0, "verify", *self.target, "--schema", "new.schema", "--strict")
        self.assertEqual("", self.sql("SELECT names FROM lockstep.object"))

    def test_a_saved_plan(self):
        self.plan()
        self.call(0, "apply", "plan.json", *self.target, "--yes", "--allow", "all")
        self.finished()

    def test_an_edited_plan_that_would_lose_values_is_refused(self):
        def without_question(steps):
            self.swap(steps)["checks"] = []

        def with_condition(text):
            def change(steps):
                for check in self.swap(steps)["checks"]:
                    check["count"] = check["count"].split(" WHERE ")[0] + " WHERE " + text
            return change

        def narrower(steps):
            for step in steps:
                step["sql"] = [statement.replace("bigint", "smallint") for statement in step["sql"]]
                for check in step.get("checks", []):
                    check["count"] = check["count"].replace("bigint", "smallint")

        def under_another_name(steps):
            check = self.swap(steps)["checks"][0]
            check["count"] = check["count"].replace("FROM app.t AS t", "FROM app.t AS t(id, n, note, lockstep_new_n, lockstep_new_id)")

        def spoiled(*statements):
            def change(steps):
                sql = self.swap(steps)["sql"]
                at = next(i for i, statement in enumerate(sql) if "RENAME COLUMN" in statement)
                sql[at:at] = statements
            return change

        def other_rows(column):
            def change(steps):
                more = copy.deepcopy(next(step for step in steps if step["mode"] == "batches"))
                more["batches"].update(assignment=column + " = 0", pending=column + " IS DISTINCT FROM 0")
                more["id"], more["phase"] = f"s{len(steps) + 1:02}", "contract"
                steps.append(more)
            return change

        def other_operators(steps):
            self.swap(steps)["search_path"] = ["app", "pg_catalog"]

        for change in (under_another_name, other_operators, other_rows("id"), other_rows("lockstep_new_id"),
                       spoiled("ALTER TABLE app.t ALTER COLUMN lockstep_new_id TYPE bigint USING 0"),
                       spoiled("ALTER TABLE app.t DROP COLUMN lockstep_new_n", "ALTER TABLE app.t ADD COLUMN lockstep_new_n integer"),
                       spoiled("ALTER TABLE app.t RENAME COLUMN lockstep_new_n TO other", "ALTER TABLE app.t ADD COLUMN lockstep_new_n integer"),
                       without_question, with_condition("false"), with_condition("lockstep_new_id IS DISTINCT FROM n::bigint"), narrower,
                       with_condition("(lockstep_new_id IS DISTINCT FROM id::bigint OR lockstep_new_n IS DISTINCT FROM n::integer) AND false")):
            done = self.edited(change)
            self.assertEqual(8, done.returncode, done.stdout + done.stderr)
            self.assertIn("No plan of Lockstep is like that", done.stderr)
        self.assertEqual("200\n", self.sql("SELECT count(id) FROM app.t"))

    def test_a_copy_that_leaves_rows_out_stops_before_the_swap(self):
        def half(steps):
            for step in steps:
                if step["mode"] == "batches":
                    step["batches"]["pending"] += " AND id < 100"
            steps[:] = [step for step in steps if "NOT NULL" not in "".join(step["sql"])]

        done = self.edited(half)
        self.assertNotEqual(0, done.returncode)
        self.assertEqual("200\tinteger\n", self.sql("SELECT count(id), max(pg_typeof(id)::text) FROM app.t"))

    def test_rows_written_while_triggers_were_off_stop_the_swap_until_they_are_written_again(self):
        self.apply(6, "new", "--yes", "--allow", "all", "--phase", "migrate")
        self.sql("ALTER TABLE app.t DISABLE TRIGGER ALL; UPDATE app.t SET n = 7 WHERE id = 5; "
                 "DO $$ DECLARE name text; BEGIN SELECT tgname INTO name FROM pg_trigger WHERE tgname LIKE '~lockstep_mirror%'; "
                 "EXECUTE format('ALTER TABLE app.t ENABLE ALWAYS TRIGGER %I', name); END $$")
        done = self.call_any("apply", *self.target, "--schema", "new.schema", "--yes", "--phase", "contract")
        self.assertNotEqual(0, done.returncode, done.stdout)
        self.assertIn("the successors of id, n have the values of table app.t", done.stderr)
        self.assertIn("5", done.stderr)
        self.assertEqual("integer\n", self.sql("SELECT max(pg_typeof(id)::text) FROM app.t"))
        self.sql("UPDATE app.t SET n = 5 WHERE id = 5")
        self.apply(0, "new", "--yes", "--phase", "contract")
        self.finished()

    def test_why_a_table_is_rewritten_is_said(self):
        generated = "    doubled integer generated always as (id * 2) stored;\n"
        self.write("old.schema", OLD.replace("    note", generated + "    note"))
        self.write("new.schema", NEW.replace("    note", generated.replace("doubled integer", "doubled bigint") + "    note"))
        self.apply(0, "old", "--yes", "--allow", "all")
        text = " ".join(self.call(0, "plan", *self.target, "--schema", "new.schema").stdout.split())
        self.assertIn("table app.t is rewritten under ACCESS EXCLUSIVE: column app.t.doubled is generated", text)
        self.write("new.schema", NEW.replace("online;", "offline;").replace("    note", generated.replace("doubled integer", "doubled bigint") + "    note"))
        text = " ".join(self.call(0, "plan", *self.target, "--schema", "new.schema").stdout.split())
        self.assertNotIn("doubled is generated", text)

    def test_a_deferrable_key_and_a_trigger_that_fires_last_keep_a_table_from_it(self):
        for more, why in (("unique (n) deferrable initially deferred;", "t_n_key is deferrable"),
                          ("rule r as on update to t where new.n = 5 do instead nothing;", "rule app.t.r rewrites its statements"),
                          ("trigger \"~zz\" before update for each row execute function f();", "fires before or after all others")):
            function = "  function f() returns trigger language plpgsql as $$ BEGIN RETURN NEW; END $$;\n"
            self.write("old.schema", OLD.replace("note text;", "note text; " + more).replace("schema app {\n", "schema app {\n" + function))
            self.write("new.schema", NEW.replace("note text;", "note text; " + more).replace("schema app {\n", "schema app {\n" + function))
            self.apply(0, "old", "--yes", "--allow", "all")
            self.assertIn(why, " ".join(self.call(0, "plan", *self.target, "--schema", "new.schema").stdout.split()))

    def test_what_a_table_is_clustered_by_comes_back(self):
        for name, text in (("old", OLD), ("new", NEW)):
            self.write(name + ".schema", text.replace("primary key;", "; primary key t_pkey (id) clustered;").replace("null ;", "null;"))
        self.apply(0, "old", "--yes", "--allow", "all")
        before = self.server.dump(self.database, "-s")
        self.assertIn("CLUSTER", before)
        self.apply(6, "new", "--yes", "--allow", "all", "--phase", "migrate")
        self.call(0, "rollback", *self.target, "--yes", "--allow", "all")
        self.assertEqual(before, self.server.dump(self.database, "-s"))
        self.apply(0, "new", "--yes", "--allow", "all")
        self.assertIn("CLUSTER", self.server.dump(self.database, "-s"))

    def test_online_and_offline_exclude_each_other(self):
        self.write("new.schema", OLD.replace("online;", "online; offline;"))
        self.assertIn("both online and offline", self.call(64, "check", "--schema", "new.schema").stderr)


BEFORE = """schema app {
  table t {
    online;
    id integer not null primary key;
    n text not null default '0';
    m numeric;
    note text;
    index t_n on (n);
  }
}
"""
AFTER = BEFORE.replace("n text not null default '0'", "n integer not null default 0 convert using (n::integer)").replace("m numeric", "m integer")


class Conversions(Case):
    """Columns whose values change: what writers meet, what is saved, and that nothing lets a former value go unsaved."""

    def setUp(self):
        super().setUp()
        self.write("old.schema", BEFORE)
        self.write("new.schema", AFTER)
        self.target = ("--url", self.url)
        self.apply(0, "old", "--yes")
        self.sql("INSERT INTO app.t SELECT n, lpad(n::text, 4, '0'), n + 0.25, 'note ' || n FROM generate_series(1, 200) n")

    def plan(self):
        self.call(0, "plan", *self.target, "--schema", "new.schema", "-o", "plan.json")
        return json.loads(self.read("plan.json"))

    def step(self, title):
        return next(step["id"] for step in self.plan()["steps"] if step["title"].startswith(title))

    def refused(self, statement):
        with self.assertRaises(RuntimeError) as failed:
            self.sql(statement)
        return str(failed.exception)

    def finished(self, sums="200\t20100\t20100\n"):
        self.assertEqual(sums, self.sql("SELECT count(note), sum(n), sum(m) FROM app.t"))
        self.assertEqual("integer\tinteger\n", self.sql("SELECT min(pg_typeof(n)::text), max(pg_typeof(m)::text) FROM app.t"))
        self.call(0, "verify", *self.target, "--schema", "new.schema", "--strict")
        self.assertEqual("", self.sql("SELECT names FROM lockstep.object"))

    def test_both_write_at_the_gate(self):
        text = self.call(0, "plan", *self.target, "--schema", "new.schema").stdout
        self.assertNotIn("--allow rewrite", text)
        self.apply(6, "new", "--yes", "--allow", "all", "--phase", "migrate")
        self.sql("INSERT INTO app.t VALUES (201, '0201', 201.4, 'late'); UPDATE app.t SET n = '1005', m = 7.5 WHERE id = 5; DELETE FROM app.t WHERE id = 6; "
                 "INSERT INTO app.t (id, note) VALUES (202, 'by default')")
        self.assertIn("invalid input syntax for type integer", self.refused("UPDATE app.t SET n = 'none' WHERE id = 7"))
        self.assertIn("integer out of range", self.refused("UPDATE app.t SET m = 1e12 WHERE id = 7"))
        self.apply(0, "new", "--yes", "--phase", "contract")
        self.assertEqual("1005\t8\n201\t201\n0\t\n", self.sql("SELECT n, m FROM app.t WHERE id IN (5, 201, 202) ORDER BY id"))
        self.finished("201\t21295\t20298\n")
        self.call(0, "rollback", *self.target, "--yes", "--allow", "all")
        self.assertEqual("0007\t7\n", self.sql("SELECT n, m FROM app.t WHERE id = 7"))

    def test_settings_of_the_writer_do_not_count(self):
        for name, text in (("old", BEFORE), ("new", AFTER)):
            self.write(name + ".schema", text.replace("note text;", "note text; at timestamp%s;" % ("" if name == "old" else "tz")))
        self.sql(f"ALTER DATABASE {self.database} SET TimeZone = 'Europe/Berlin'")
        self.apply(0, "old", "--yes")
        self.sql("UPDATE app.t SET at = '2026-01-01 12:00'")
        self.apply(6, "new", "--yes", "--allow", "all", "--phase", "migrate")
        self.sql("CREATE ROLE app_writer LOGIN; GRANT USAGE ON SCHEMA app TO app_writer; GRANT SELECT, UPDATE ON app.t TO app_writer")
        self.server.sql_as("app_writer", self.database, "SET TimeZone = 'Asia/Tokyo'; UPDATE app.t SET at = '2026-07-01 12:00' WHERE id = 1; UPDATE app.t SET note = 'x' WHERE id = 2")
        self.sql("DROP OWNED BY app_writer; DROP ROLE app_writer")
        self.apply(0, "new", "--yes", "--phase", "contract")
        self.assertEqual("2026-07-01 10:00:00\n2026-01-01 11:00:00\n", self.sql("SELECT at AT TIME ZONE 'UTC' FROM app.t WHERE id IN (1, 2) ORDER BY id"))

    def test_what_cannot_be_computed_row_by_row_is_rewritten(self):
        function = "  function f(v text) returns integer %s language plpgsql as $$ BEGIN RETURN v::integer; END $$;\n"
        for expression, more, why in (("f(n)", function % "", "the conversion of column app.t.n is volatile"),
                                      ("f(n)", function % "stable", ""),
                                      ("n::integer + extract(year from now())::integer", "", "gives something else in another session or later"),
                                      ("n::integer + length(t.*::text)", "", "reads the whole row"),
                                      ("n::integer + twice", "", "can't be computed from a row alone")):
            for name, text in (("old", BEFORE), ("new", AFTER)):
                text = text.replace("schema app {\n", "schema app {\n" + more).replace("note text;", "note text; twice integer generated always as (id * 2) stored;")
                self.write(name + ".schema", text.replace("using (n::integer)", f"using ({expression})"))
            self.apply(0, "old", "--yes", "--allow", "all")
            text = " ".join(self.call(0, "plan", *self.target, "--schema", "new.schema").stdout.split())
            self.assertEqual(not why, "rewritten under ACCESS EXCLUSIVE" not in text, expression + text)
            self.assertIn(why, text)

    def test_a_domain_and_a_dependent_that_changes_too_keep_a_column_from_it(self):
        for old, new, why in (("index t_n on (n);", "index t_n on (n) where n <> {};", "t_n changes too"),):
            self.write("old.schema", BEFORE.replace(old, new.format("'x'")))
            self.write("new.schema", AFTER.replace(old, new.format("5")))
            self.apply(0, "old", "--yes", "--allow", "all")
            self.assertIn(why, " ".join(self.call(0, "plan", *self.target, "--schema", "new.schema").stdout.split()))
        self.write("old.schema", BEFORE.replace("schema app {\n", "schema app {\n  domain d as integer check d_positive (value >= 0);\n"))
        self.write("new.schema", AFTER.replace("schema app {\n", "schema app {\n  domain d as integer check d_positive (value >= 0);\n").replace("n integer", "n d"))
        self.apply(0, "old", "--yes", "--allow", "all")
        self.assertIn("has values of domain app.d", " ".join(self.call(0, "plan", *self.target, "--schema", "new.schema").stdout.split()))

    def test_rows_that_break_a_check_since_the_first_step_stop_the_swap(self):
        for name, text in (("old", BEFORE), ("new", AFTER)):
            self.write(name + ".schema", text.replace("note text;", "note text; check t_n_known (n::integer < 5000);").replace("(n::integer)", "(n::integer * 10)"))
        self.apply(0, "old", "--yes", "--allow", "all")
        self.apply(6, "new", "--yes", "--allow", "all", "--phase", "migrate")
        self.sql("UPDATE app.t SET n = '600' WHERE id = 5")
        done = self.call_any("apply", *self.target, "--schema", "new.schema", "--yes", "--phase", "contract")
        self.assertNotEqual(0, done.returncode, done.stdout)
        self.assertIn("satisfies CHECK", done.stderr)
        self.assertEqual("text\n", self.sql("SELECT max(pg_typeof(n)::text) FROM app.t"))
        self.sql("UPDATE app.t SET n = '60' WHERE id = 5")
        self.apply(0, "new", "--yes", "--phase", "contract")
        self.assertEqual("600\n", self.sql("SELECT n FROM app.t WHERE id = 5"))

    def test_taken_back_before_the_old_values_are_saved(self):
        for title in ("change type", "save the former values of column app.t.m", "drop what column app.t.m was"):
            step = self.step(title)
            self.killed("new", step)
            if title == "change type":
                self.assertIn("is no text any more", self.refused("INSERT INTO app.t VALUES (999, '1', 1, 'by position')"))
            self.call(0, "rollback", *self.target, "--yes", "--allow", "all")
            self.assertEqual("0007\n", self.sql("SELECT n FROM app.t WHERE id = 7"))
            self.call(0, "verify", *self.target, "--schema", "old.schema", "--strict")
            self.sql("UPDATE app.t SET m = id + 0.25")

    def test_given_up_before_the_old_values_are_saved(self):
        step = self.step("change type")
        self.killed("new", step)
        self.call(0, "resolve", "--abandon", "--reason", "other plans", *self.target)
        refused = self.apply(3, "new", "--yes")
        self.assertIn("lossy-type", refused.stderr + refused.stdout)
        done = self.apply(0, "new", "--yes", "--allow", "all")
        self.assertIn("backup", done.stdout + done.stderr)
        self.finished()

    def test_an_edited_plan_that_would_lose_values_is_refused(self):
        def swap(steps):
            return next(i for i, step in enumerate(steps) if step["title"].startswith("change type"))

        def saves(steps):
            return [step for step in steps if step["losses"]]

        def without_saving(steps):
            for step in saves(steps):
                step["losses"] = []

        def without_the_step(steps):
            steps[:] = [step for step in steps if not step["losses"]]

        def of_the_new_values(steps):
            for step in saves(steps):
                step["losses"][0]["query"] = step["losses"][0]["query"].replace("lockstep_old_n AS n", "n").replace("lockstep_old_m AS m", "m")

        def of_some_rows(steps):
            saves(steps)[0]["losses"][0]["query"] += " WHERE id > 5"

        def under_another_name(steps):
            for step in saves(steps):
                step["losses"][0]["query"] = step["losses"][0]["query"].replace("FROM app.t", "FROM app.t AS t (id, lockstep_old_n)")

        def as_if_under_the_lock(steps):
            for step in saves(steps):
                step["losses"][0]["hidden"] = ""

        def of_an_empty_column(steps):
            """Saved under the hidden name while another column has it."""
            at = swap(steps)
            column = copy.deepcopy(steps[at])
            column.update(sql=["ALTER TABLE app.t ADD COLUMN lockstep_old_m numeric"], checks=[], consequences=[], title="add")
            column.pop("helpers")
            saving = copy.deepcopy(saves(steps)[0])
            steps[at]["sql"].insert(0, "ALTER TABLE app.t DROP COLUMN lockstep_old_m")
            steps[at]["breaking"] = "something"
            steps[:] = [*steps[:at], column, saving, *[step for step in steps[at:] if step is not saves(steps)[0]]]

        def spoiled(*statements):
            def change(steps):
                steps[swap(steps)]["sql"] += statements
            return change

        def in_the_swap(steps):
            steps[swap(steps)]["sql"].append("ALTER TABLE app.t DROP COLUMN lockstep_old_m")

        def overwritten(steps):
            more = copy.deepcopy(next(step for step in steps if step["mode"] == "batches"))
            more["batches"].update(assignment="lockstep_old_n = 'x'", pending="lockstep_old_n IS DISTINCT FROM 'x'")
            more.update(phase="contract", checks=[], losses=copy.deepcopy(saves(steps)[0]["losses"]))
            steps.insert(swap(steps) + 1, more)

        def without_a_successor(steps):
            """As if the type changed, but the column only goes."""
            sql = steps[swap(steps)]["sql"]
            sql[:] = [one for one in sql if not ("RENAME COLUMN lockstep_new_n" in one)]

        for change in (without_saving, without_the_step, of_the_new_values, of_some_rows, under_another_name, as_if_under_the_lock, of_an_empty_column,
                       spoiled("ALTER TABLE app.t ALTER COLUMN lockstep_old_n TYPE integer USING 0"), in_the_swap, overwritten, without_a_successor):
            plan = self.plan()
            change(plan["steps"])
            for number, step in enumerate(plan["steps"]):
                step["id"] = f"s{number + 1:02}"
            self.seal(plan)
            done = self.call_any("apply", "plan.json", *self.target, "--yes", "--allow", "all")
            self.assertEqual(8, done.returncode, change.__name__ + done.stdout + done.stderr)
            self.assertIn("No plan of Lockstep is like that", done.stderr, change.__name__)
        self.assertEqual("200\n", self.sql("SELECT count(n) FROM app.t WHERE n LIKE '0%'"))

    def test_a_saved_plan(self):
        self.plan()
        self.call(0, "apply", "plan.json", *self.target, "--yes", "--allow", "all")
        self.finished()


if __name__ == "__main__":
    import unittest
    unittest.main()
