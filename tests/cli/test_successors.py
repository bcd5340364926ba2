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


if __name__ == "__main__":
    import unittest
    unittest.main()
