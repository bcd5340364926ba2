"""The hold: what contract takes away is hidden for some time, comes back whole in a rollback, and is saved and removed by a purge."""
import json
import os

from harness import Case

OLD = """schema app {
  table t {
    id bigint not null primary key;
    note text not null default 'none';
    size bigint;
    kind text;
    index t_kind on (kind);
  }
  table parent { id bigint not null primary key; }
  table gone {
    id bigserial not null primary key;
    parent bigint not null references parent (id);
    body text;
    index gone_body on (body);
  }
  table other { id bigint not null primary key; }
}
"""
NEW = """schema app {
  table t { id bigint not null primary key; size bigint; }
  table parent { id bigint not null primary key; }
  table other { id bigint not null primary key; }
}
"""
LATER = NEW.replace("table other { id bigint not null primary key; }", "table other { id bigint not null primary key; more text; }")
SAME = NEW.replace("size bigint; }", "size bigint; more text; }")


class Hold(Case):
    def setUp(self):
        super().setUp()
        os.environ["LOCKSTEP_STRICT_LOCKS"] = "1"  # a step that locks what it doesn't declare is refused
        for name, text in (("old", OLD), ("new", NEW), ("later", LATER), ("same", SAME)):
            self.write(name + ".schema", text)
        self.target = ("--url", self.url)
        self.apply(0, "old", "--yes")
        self.sql("INSERT INTO app.t SELECT n, 'note ' || n, n, 'k' || n FROM generate_series(1, 50) n;"
                 "INSERT INTO app.parent SELECT generate_series(1, 5); INSERT INTO app.other VALUES (1);"
                 "INSERT INTO app.gone (parent, body) SELECT 1 + n % 5, 'b' || n FROM generate_series(1, 30) n")
        self.before = self.server.dump(self.database)

    def change(self, code=0, *more, **how):
        return self.apply(code, "new", "--yes", "--allow", "all", *(more or ("--hold", "24h")), **how)

    def purge(self, code, *more):
        return self.call(code, "purge", *self.target, "--yes", *more)

    def rollback(self, code, *more):
        return self.call(code, "rollback", *self.target, "--yes", "--allow", "all", *more)

    def status(self):
        return json.loads(self.call_any("status", *self.target, "--format", "json").stdout)["databases"][0]

    def runs(self):
        return json.loads(self.call(0, "history", *self.target, "--format", "json").stdout)["runs"]

    def test_hidden_until_it_is_purged(self):
        said = self.change()
        self.assertIn("what went is hidden until", said.stdout)
        self.call(0, "verify", *self.target, "--schema", "new.schema", "--strict")
        self.assertEqual("held", self.runs()[0]["state"])
        hold = self.status()["holds"][0]
        self.assertEqual((False, {"app.t.note", "app.t.kind", "app.gone", "app.gone_id_seq"}), (hold["over"], set(hold["objects"])))
        self.assertIn("app.gone", self.call_any("status", *self.target).stdout)
        # the new application works, and nothing hidden hinders it
        self.sql("INSERT INTO app.t (id, size) VALUES (51, 51); DELETE FROM app.parent")
        self.change(0)
        self.assertIn("is held until", self.purge(0).stdout)
        self.assertIn("--early REASON", self.purge(3, hold["run"][:8]).stderr)
        done = self.purge(0, hold["run"][:8], "--early", "tests")
        self.assertIn("is purged", done.stdout)
        self.assertEqual("done", self.runs()[0]["state"])
        self.assertEqual("", self.sql("SELECT names FROM lockstep.object"))
        self.assertEqual("2\n", self.sql("SELECT count(*) FROM pg_attribute WHERE attrelid = 'app.t'::regclass AND attnum > 0 AND NOT attisdropped"))
        self.assertEqual("", self.sql("SELECT relname FROM pg_class WHERE relname LIKE 'lockstep%' AND relnamespace = 'app'::regnamespace"))
        self.assertIn("nothing to purge", self.purge(0).stdout)
        self.call(0, "verify", *self.target, "--schema", "new.schema", "--strict")
        self.call(0, "backup", "verify", "--store", "backups")

    def test_purged_when_its_time_is_over(self):
        self.change(0, "--hold", "1s")
        self.sql("SELECT pg_sleep(1.2)")
        self.assertTrue(self.status()["holds"][0]["over"])
        self.assertIn("is purged", self.purge(0).stdout)

    def test_rolled_back_with_what_was_written_since(self):
        self.change()
        self.sql("INSERT INTO app.t (id, size) VALUES (51, 51); UPDATE app.t SET size = 0 WHERE id = 1; DELETE FROM app.t WHERE id = 2")
        self.rollback(0)
        self.assertEqual("rolled back", self.runs()[1]["state"])
        self.assertEqual("50\t49\t0\n", self.sql("SELECT count(*), count(*) FILTER (WHERE note = 'note ' || id AND kind = 'k' || id), min(size) FROM app.t"))
        self.assertEqual("none\t\n", self.sql("SELECT note, kind FROM app.t WHERE id = 51"))
        self.assertEqual("30\t30\n", self.sql("SELECT count(*), max(id) FROM app.gone"))
        self.assertEqual("31\n", self.sql("INSERT INTO app.gone (parent, body) VALUES (1, 'next') RETURNING id"))
        with self.assertRaisesRegex(RuntimeError, "violates foreign key"):
            self.sql("INSERT INTO app.gone (parent) VALUES (77)")
        self.call(0, "verify", *self.target, "--schema", "old.schema", "--strict")
        self.assertEqual("", self.sql("SELECT names FROM lockstep.object"))

    def test_a_column_that_demands_a_value(self):
        self.write("demands.schema", OLD.replace("kind text;", "kind text not null;"))
        self.apply(0, "demands", "--yes", "--allow", "all")
        self.change()
        self.sql("INSERT INTO app.t (id, size) VALUES (51, 51)")
        self.assertIn("NOT NULL of column app.t.kind", self.rollback(0).stdout)
        self.assertEqual("50\n", self.sql("SELECT count(*) FROM app.t WHERE kind = 'k' || id"))
        self.sql("UPDATE app.t SET kind = 'k51' WHERE id = 51")
        self.apply(0, "demands", "--yes", "--allow", "all")
        self.call(0, "verify", *self.target, "--schema", "demands.schema", "--strict")

    def test_rolled_back_after_purge(self):
        self.change()
        self.purge(0, self.runs()[0]["id"], "--early", "tests")
        self.rollback(0)
        self.assertEqual("50\n", self.sql("SELECT count(*) FROM app.t WHERE note = 'note ' || id AND kind = 'k' || id"))
        self.assertEqual("30\n", self.sql("SELECT count(*) FROM app.gone WHERE body = 'b' || id"))

    def test_rolled_back_after_purge_with_rows_written_in_the_hold(self):
        """They get what a rollback in the hold gives them, and keep none of the others from coming back."""
        self.write("demands.schema", OLD.replace("kind text;", "kind text default 'd';").replace("size bigint;", "size bigint;\n    must text not null;"))
        self.sql("DELETE FROM app.t WHERE id > 49; ALTER TABLE app.t ADD must text NOT NULL DEFAULT 'm'; ALTER TABLE app.t ALTER must DROP DEFAULT")
        self.apply(0, "demands", "--yes", "--allow", "all")
        self.sql("UPDATE app.t SET kind = NULL WHERE id = 7")
        for purged in (False, True):
            with self.subTest(purged=purged):
                self.change()
                run = self.runs()[0]["id"]
                self.sql("INSERT INTO app.t (id, size) VALUES (51, 51)")
                if purged:
                    self.purge(0, run, "--early", "tests")
                self.rollback(0)
                self.assertEqual("49\t48\n", self.sql("SELECT count(*), count(kind) FROM app.t WHERE note = 'note ' || id AND coalesce(kind, 'k7') = 'k' || id AND must = 'm'"))
                self.assertEqual("none\tt\tt\n", self.sql("SELECT note, kind IS NULL, must IS NULL FROM app.t WHERE id = 51"))
                self.sql("DELETE FROM app.t WHERE id = 51")
                self.apply(0, "demands", "--yes", "--allow", "all")
                self.call(0, "verify", *self.target, "--schema", "demands.schema", "--strict")

    def test_another_plan_in_the_hold(self):
        self.change()
        held = self.runs()[0]["id"]
        refused = self.apply(3, "same", "--yes", "--allow", "all").stderr
        self.assertIn(f"which run {held} keeps hidden until", refused)
        self.assertIn("keeps hidden until", self.call(3, "plan", *self.target, "--schema", "same.schema").stderr)
        self.apply(0, "later", "--yes", "--allow", "all")
        self.call(0, "verify", *self.target, "--schema", "later.schema", "--strict")
        self.rollback(0, held[:8])
        self.assertEqual("50\n", self.sql("SELECT count(*) FROM app.t WHERE note = 'note ' || id"))
        self.assertEqual("1\n", self.sql("SELECT count(*) FROM pg_attribute WHERE attrelid = 'app.other'::regclass AND attname = 'more'"))
        self.call(0, "verify", *self.target)

    def test_killed_and_gone_on_with(self):
        steps = json.loads(self.call(0, "plan", *self.target, "--schema", "new.schema", "--hold", "1h", "--format", "json").stdout)["steps"]
        purges = [step["id"] for step in steps if step["phase"] == "purge"]
        self.assertGreaterEqual(len(purges), 3)
        for point in ("purge", "hold:before-journal", "hold:after-commit"):
            with self.subTest(point):
                cut = dict(LOCKSTEP_CRASH_AT=point)
                if point.startswith("hold"):
                    self.assertEqual(-9, self.call_any("apply", *self.target, "--schema", "new.schema", "--yes", "--allow", "all", "--hold", "1h",
                                                       environment=cut).returncode)
                    if point.startswith("hold:before"):
                        self.assertIn("--hold is for a new run", self.change(64, "--hold", "2h").stderr)
                    self.change(0, "--hold", "1h")
                    self.assertEqual("held", self.runs()[0]["state"])
                    self.rollback(0)
                else:
                    self.change()
                    held = self.runs()[0]["id"]
                    for step in purges:
                        cut = dict(LOCKSTEP_CRASH_AT=f"{step}:before-commit")
                        self.assertEqual(-9, self.call_any("purge", *self.target, held, "--yes", "--early", "tests", environment=cut).returncode)
                        self.assertEqual("held", self.runs()[0]["state"])
                    self.call(0, "resume", *self.target, "--yes")
                    self.purge(0, held, "--early", "tests")
                    self.assertEqual("done", self.runs()[0]["state"])
                    self.rollback(0)

    def test_rows_in_the_way_are_named_first(self):
        """A parent that a hidden row refers to is gone, and a value that was unique is there twice: nothing of the way back is begun."""
        self.write("keyed.schema", OLD.replace("index t_kind on (kind);", "unique t_size (size);"))
        self.write("unkeyed.schema", NEW)
        self.apply(0, "keyed", "--yes", "--allow", "all")
        self.apply(0, "unkeyed", "--yes", "--allow", "all", "--hold", "24h")
        self.sql("DELETE FROM app.parent WHERE id = 2; INSERT INTO app.t (id, size) VALUES (51, 1)")
        refused = self.rollback(1).stderr
        self.assertIn("nothing was changed", refused)
        self.assertIn("app.parent", refused)
        self.assertIn("size", refused)
        self.assertEqual("held", self.runs()[0]["state"])
        self.sql("INSERT INTO app.parent VALUES (2); DELETE FROM app.t WHERE id = 51")
        self.rollback(0)
        self.call(0, "verify", *self.target, "--schema", "keyed.schema", "--strict")

    def test_what_somebody_removes_by_hand(self):
        self.change()
        self.sql("ALTER TABLE app.t DROP COLUMN lockstep_dropped_note CASCADE; DROP TABLE app.lockstep_dropped_gone")
        done = self.purge(0, self.runs()[0]["id"], "--early", "tests")
        self.assertEqual(3, (done.stdout + done.stderr).count("nothing of it is saved or removed"), done.stdout + done.stderr)
        self.assertEqual("done", self.runs()[0]["state"])
        self.assertEqual("2\n", self.sql("SELECT count(*) FROM pg_attribute WHERE attrelid = 'app.t'::regclass AND attnum > 0 AND NOT attisdropped"))

    def test_what_somebody_renames_by_hand(self):
        self.change()
        held = self.runs()[0]["id"]
        self.sql("ALTER TABLE app.lockstep_dropped_gone RENAME TO mine")
        self.assertIn("Give it its name back", self.purge(3, held, "--early", "tests").stderr)
        self.sql("ALTER TABLE app.mine RENAME TO lockstep_dropped_gone")
        self.purge(0, held, "--early", "tests")

    def test_nobody_writes_to_what_is_hidden(self):
        self.change()
        for text in ("TRUNCATE app.lockstep_dropped_gone", "UPDATE app.t SET lockstep_dropped_kind = ''"):
            with self.assertRaisesRegex(RuntimeError, "is being dropped"):
                self.sql(text)

    def change_sql(self, before, after, code=0):
        """From one SQL file to another with a hold; rows are as `before` leaves them."""
        self.write("before.sql", "CREATE SCHEMA s;\n" + before)
        self.write("after.sql", "CREATE SCHEMA s;\n" + after)
        self.call(0, "apply", *self.target, "--schema", "before.sql", "--yes", "--allow", "all")
        return lambda more="": (self.sql(more), self.call(code, "apply", *self.target, "--schema", "after.sql", "--yes", "--allow", "all",
                                                          "--hold", "1h"))[1]

    def test_statistics_over_two_columns_that_go(self):
        go = self.change_sql("CREATE TABLE s.k (id int primary key, a int, d int); CREATE STATISTICS s.st ON a, d FROM s.k;",
                             "CREATE TABLE s.k (id int primary key);")
        go("INSERT INTO s.k VALUES (1, 2, 3)")
        self.call(0, "verify", *self.target, "--schema", "after.sql")
        self.rollback(0)
        self.assertEqual("1\t2\t3\n", self.sql("SELECT id, a, d FROM s.k"))
        self.call(0, "verify", *self.target, "--schema", "before.sql")

    def test_tables_that_refer_to_each_other_and_names_that_are_taken(self):
        two = "CREATE TABLE s.a (id int primary key); CREATE TABLE s.b (id int primary key, a int references s.a);"
        go = self.change_sql(two, "")
        go("INSERT INTO s.a VALUES (1); INSERT INTO s.b VALUES (1, 1)")
        self.assertEqual({"s.a", "s.b"}, set(self.status()["holds"][0]["objects"]))
        for again in ("CREATE TABLE s.a (id int);", "CREATE TABLE s.c (id int); CREATE INDEX a_pkey ON s.c (id);"):
            self.write("again.sql", "CREATE SCHEMA s;\n" + again)
            self.assertIn("a name of hidden table s.a", self.call(3, "plan", *self.target, "--schema", "again.sql").stderr, again)
        self.rollback(0)
        self.assertEqual("1\t1\n", self.sql("SELECT id, a FROM s.b"))
        self.call(0, "verify", *self.target, "--schema", "before.sql", "--strict")

    def test_a_partition_is_not_hidden(self):
        parent = "CREATE TABLE s.p (id int) PARTITION BY LIST (id);"
        go = self.change_sql(parent + "CREATE TABLE s.p1 PARTITION OF s.p FOR VALUES IN (1);", parent)
        go("INSERT INTO s.p VALUES (1)")
        self.assertEqual([], self.status()["holds"])
        self.assertEqual("0\n", self.sql("SELECT count(*) FROM s.p"))

    def test_a_column_of_a_partitioned_table_is_listed_once(self):
        parts = "CREATE TABLE s.p1 PARTITION OF s.p FOR VALUES IN (1); CREATE TABLE s.p2 PARTITION OF s.p FOR VALUES IN (2);"
        go = self.change_sql("CREATE TABLE s.p (id int, a text) PARTITION BY LIST (id);" + parts, "CREATE TABLE s.p (id int) PARTITION BY LIST (id);" + parts)
        go("INSERT INTO s.p VALUES (1), (2)")
        self.assertEqual(["s.p.a"], self.status()["holds"][0]["objects"])

    def test_a_purge_beside_the_way_back(self):
        go = self.change_sql("CREATE TABLE s.p (id int primary key); CREATE TABLE s.h (id int primary key, p int references s.p);",
                             "CREATE TABLE s.p (id int primary key);")
        go("INSERT INTO s.p VALUES (1); INSERT INTO s.h VALUES (1, 1)")
        held = self.runs()[0]["id"]
        self.sql("DELETE FROM s.p")
        self.assertIn("1 row breaks it", self.rollback(1).stderr)
        self.sql("INSERT INTO s.p VALUES (1)")
        killed = self.call_any("rollback", *self.target, "--yes", "--allow", "all", environment=dict(LOCKSTEP_CRASH_AT="s01:after-settled"))
        self.assertEqual(-9, killed.returncode, killed.stderr)
        self.assertIn("is being undone", self.purge(3, held, "--early", "tests").stderr)
        self.assertIsNone(self.status()["holds"][0]["way_back_given_up"])
        self.rollback(0)
        self.call(0, "verify", *self.target, "--schema", "before.sql", "--strict")

    def test_a_way_back_that_was_given_up(self):
        """The hold goes on, and says that it isn't whole any more."""
        self.change()
        self.call_any("rollback", *self.target, "--yes", "--allow", "all", environment=dict(LOCKSTEP_CRASH_AT="s01:after-settled"))
        back = self.runs()[0]["id"][:8]
        self.call(0, "resolve", "--abandon", "--reason", "tests", *self.target)
        self.assertRegex(self.call_any("status", *self.target).stdout, f"its way back was given up: run {back} after 1 of [0-9]+ steps")
        self.assertRegex(self.status()["holds"][0]["way_back_given_up"], f"run {back} after 1 of ")

    def test_what_it_says(self):
        self.assertIn("--hold takes a time", self.change(64, "--hold", "").stderr)
        self.assertIn("--hold takes a time", self.change(64, "--hold", "soon").stderr)
        self.assertIn("no held run", self.purge(64, "abc").stderr)
        self.assertIn("name it", self.purge(64, "--early", "tests").stderr)
        plan = self.call(0, "plan", *self.target, "--schema", "new.schema", "--hold", "7d").stdout
        self.assertIn("purge (at the earliest", plan)
        self.write("lockstep.yaml", "schema: [new.schema]\nenvironments:\n  prod: { url: \"${PROD}\", hold: never }\n")
        self.assertIn("30min, 24h or 7d", self.call(64, "plan", "--env", "prod", environment={"PROD": self.url}).stderr)
        self.write("lockstep.yaml", "schema: [new.schema]\nenvironments:\n  prod: { url: \"${PROD}\", hold: 7d, gates: on }\n")
        environment = {"PROD": self.url}
        self.call(6, "apply", "--env", "prod", "--yes", "--allow", "all", environment=environment)
        self.assertIn("hidden until", self.call(0, "apply", "--env", "prod", "--yes", "--phase", "contract", environment=environment).stdout)
        self.assertEqual("held", self.runs()[0]["state"])
        self.call(0, "rollback", "--env", "prod", "--yes", "--allow", "all", environment=environment)
        self.call(0, "verify", *self.target, "--schema", "old.schema", "--strict")
