"""Several rollouts side by side: one waits at its gate while another one, which changes other objects, goes through or waits too."""
import json

from harness import Case

BASE = """schema app {
  table t { id bigint not null primary key; note text; size bigint; }
  table u { id bigint not null primary key; note text; size bigint; }
  table other { id bigint not null primary key; }
  view u_ids as $$ SELECT id FROM app.u $$;
}
"""
# A renames one column of t and drops another one.
A = BASE.replace("table t { id bigint not null primary key; note text; size bigint; }",
                 "table t { id bigint not null primary key; remark text renamed from note; }")
# B asks for A too, and drops a column of u.
B = A.replace("table u { id bigint not null primary key; note text; size bigint; }", "table u { id bigint not null primary key; size bigint; }")
# C asks for A and B, and adds to another table.
C = B.replace("table other { id bigint not null primary key; }", "table other { id bigint not null primary key; more text; }")
# Changes more of what A changes; doesn't want what A does.
MORE = A.replace("remark text renamed from note; }", "remark text renamed from note; more text; }")
LESS = A.replace("remark text renamed from note; }", "remark text renamed from note; size bigint; }")
ONLY_B = BASE.replace("u { id bigint not null primary key; note text;", "u { id bigint not null primary key;")


class SideBySide(Case):
    def setUp(self):
        super().setUp()
        for name, text in (("base", BASE), ("a", A), ("b", B), ("c", C), ("more", MORE), ("less", LESS), ("only_b", ONLY_B)):
            self.write(name + ".schema", text)
        self.target = ("--url", self.url)
        self.apply(0, "base", "--yes")
        self.sql("INSERT INTO app.t SELECT n, 'note ' || n, n FROM generate_series(1, 50) n; INSERT INTO app.u SELECT n, 'u ' || n, n FROM generate_series(1, 50) n")

    def gate(self, schema, *more):
        return self.apply(6, schema, "--phase", "migrate", "--yes", "--allow", "all", *more)

    def go(self, code, schema, *more):
        return self.apply(code, schema, "--yes", "--allow", "all", *more)

    def runs(self):
        return json.loads(self.call(0, "history", *self.target, "--format", "json").stdout)["runs"]

    def status(self):
        return json.loads(self.call_any("status", *self.target, "--format", "json").stdout)["databases"][0]

    def columns(self, table):
        return self.sql(f"SELECT attname FROM pg_attribute WHERE attrelid = 'app.{table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY 1").split()

    def settled(self, schema):
        self.call(0, "verify", *self.target, "--schema", schema + ".schema", "--strict")
        self.assertEqual("", self.sql("SELECT names FROM lockstep.object"))

    def test_another_one_goes_through(self):
        self.gate("a")
        plan = self.call(0, "plan", *self.target, "--schema", "b.schema")
        self.assertIn("app.u.note", plan.stdout)
        self.assertNotIn("app.t.size", plan.stdout)
        self.go(0, "b")
        self.assertEqual(["id", "size"], self.columns("u"))
        self.assertEqual(["id", "note", "remark", "size"], self.columns("t"))
        waiting, done = self.status(), self.runs()[0]
        self.assertEqual(("at the gate", "done", []), (waiting["open_run"]["state"], done["state"], waiting["drift"]))
        self.gate("b")  # nothing more to do beside it: it is still waiting
        self.call(0, "verify", *self.target, "--schema", "b.schema")
        self.sql("INSERT INTO app.t (id, remark) VALUES (51, 'new')")
        self.go(0, "b", "--phase", "contract")
        self.assertEqual(["id", "remark"], self.columns("t"))
        self.assertEqual("51\n", self.sql("SELECT count(*) FROM app.t WHERE remark IS NOT NULL"))
        self.settled("b")

    def test_two_wait(self):
        self.gate("a")
        first = self.runs()[0]["id"]
        self.gate("b")
        second = self.runs()[0]["id"]
        self.assertNotEqual(first, second)
        status = self.status()
        self.assertEqual((second, [first], []), (status["open_run"]["id"], [one["id"] for one in status["also_waiting"]], status["drift"]))
        self.assertIn(first[:8], self.call_any("status", *self.target).stdout)
        self.go(0, "c")
        self.assertEqual(["id", "more"], self.columns("other"))
        self.assertIn("name the one that is meant", self.go(64, "c", "--phase", "contract").stderr)
        self.go(0, "c", "--phase", "contract", "--run", first[:8])
        self.assertEqual(["id", "remark"], self.columns("t"))
        self.assertEqual(["id", "note", "size"], self.columns("u"))
        self.go(0, "c", "--phase", "contract")
        self.assertEqual(["id", "size"], self.columns("u"))
        self.settled("c")

    def test_the_older_one_is_taken_back(self):
        self.gate("a")
        first = self.runs()[0]["id"]
        self.gate("b")
        self.go(0, "c")
        self.call(0, "rollback", *self.target, first[:8], "--yes", "--allow", "all")
        self.assertEqual(["id", "note", "size"], self.columns("t"))
        self.assertEqual("50\n", self.sql("SELECT count(*) FROM app.t WHERE note = 'note ' || id AND size = id"))
        self.call(0, "rollback", *self.target, "--yes", "--allow", "all")
        self.write("rest.schema", BASE.replace("table other { id bigint not null primary key; }", "table other { id bigint not null primary key; more text; }"))
        self.settled("rest")

    def test_given_up(self):
        self.gate("a")
        first = self.runs()[0]["id"]
        self.gate("b")
        self.assertIn("name the one that is meant", self.call(64, "resolve", *self.target, "--abandon", "--reason", "tests").stderr)
        self.call(0, "resolve", *self.target, "--abandon", "--reason", "tests", "--run", first[:8])
        self.assertEqual([], self.status()["also_waiting"])
        self.go(0, "only_b", "--phase", "contract")
        self.assertEqual(["id", "size"], self.columns("u"))
        self.go(0, "only_b")  # takes away what the other one has left behind
        self.assertEqual(["id", "note", "size"], self.columns("t"))
        self.settled("only_b")

    def test_a_relation_with_an_open_rollout(self):
        self.gate("a")
        run = self.runs()[0]["id"]
        for schema, what in (("more", "column app.t.more"), ("less", "column app.t.size"), ("base", "column app.t.size")):
            with self.subTest(schema):
                refused = self.go(3, schema)
                self.assertIn(run, refused.stderr)
                self.assertIn(what, refused.stderr)
        self.write("refers.schema", A.replace("table other { id bigint not null primary key; }", "table other { id bigint not null primary key; t bigint references t (id); }"))
        refused = self.go(3, "refers").stderr
        self.assertIn("app.t", refused)
        self.assertIn(run, refused)
        self.assertEqual(["id"], self.columns("other"))

    def test_saved_plans(self):
        self.gate("a")
        self.call(0, "plan", *self.target, "--schema", "b.schema", "-o", "b.json")
        self.call(0, "apply", "b.json", *self.target, "--schema", "b.schema", "--yes", "--allow", "all")
        self.assertEqual(["id", "size"], self.columns("u"))
        self.call(0, "plan", *self.target, "--schema", "c.schema", "-o", "c.json")
        self.call(0, "apply", "c.json", *self.target, "--yes", "--allow", "all")
        self.assertEqual(["id", "more"], self.columns("other"))
        self.assertEqual("at the gate", self.status()["open_run"]["state"])
        self.go(0, "c", "--phase", "contract")
        self.settled("c")

    def test_its_own_files_finish_it(self):
        """What another run has added meanwhile is no drift afterwards."""
        self.gate("a")
        self.go(0, "c")
        self.go(0, "a", "--phase", "contract")
        self.settled("c")

    def test_a_view_over_what_is_renamed(self):
        for name in ("a", "b"):
            self.write(f"{name}v.schema", {"a": A, "b": B}[name].replace("view u_ids", "view t_notes as $$ SELECT id, remark AS note FROM app.t $$;\n  view u_ids"))
        self.write("basev.schema", BASE.replace("view u_ids", "view t_notes as $$ SELECT id, note FROM app.t $$;\n  view u_ids"))
        self.go(0, "basev")
        self.gate("av")
        self.go(0, "bv")
        self.go(0, "bv", "--phase", "contract")
        self.settled("bv")

    def test_a_schema_that_is_renamed(self):
        """What else is in it waits too, and is named."""
        self.write("renamed.schema", BASE.replace("schema app {", "schema application renamed from app {").replace("app.u", "application.u"))
        self.write("more_in_it.schema", BASE.replace("schema app {", "schema application renamed from app {").replace("app.u", "application.u")
                   .replace("table other {", "table fresh { id bigint; }\n  table other {"))
        self.gate("renamed")
        self.assertIn("app.fresh", self.go(3, "more_in_it").stderr)
        self.go(0, "renamed", "--phase", "contract")

    def test_the_one_that_failed_is_taken_back_before_a_later_one_that_waits(self):
        self.write("narrow.schema", BASE.replace("table t { id bigint not null primary key; note text; size bigint; }",
                                                 "table t { id bigint not null primary key; note text; size integer; more text; }"))
        self.gate("narrow")
        first = self.runs()[0]["id"]
        self.write("narrow_b.schema", BASE.replace("table t { id bigint not null primary key; note text; size bigint; }",
                                                   "table t { id bigint not null primary key; note text; size integer; more text; }")
                   .replace("table u { id bigint not null primary key; note text;", "table u { id bigint not null primary key;"))
        self.gate("narrow_b")
        self.sql("INSERT INTO app.t (id, size) VALUES (51, 3000000000)")
        self.assertIn("--phase too", self.go(64, "narrow_b", "--run", first).stderr)
        self.go(7, "narrow_b", "--phase", "contract", "--run", first)
        self.call(0, "rollback", *self.target, "--yes", "--allow", "all")
        self.assertEqual(["id", "note", "size"], self.columns("t"))
        self.assertEqual("at the gate", self.status()["open_run"]["state"])
        self.assertNotEqual(first, self.status()["open_run"]["id"])

    def test_a_function_that_its_trigger_calls(self):
        base = "schema app {\n  function conv(n integer) returns bigint language sql immutable as $$ SELECT n * 2::bigint $$;\n  table w { id bigint not null primary key; v %s; online; }\n%s}\n"
        self.write("before.schema", base % ("integer", ""))
        self.write("after.schema", base % ("bigint convert using (app.conv(v))", ""))
        self.write("other.schema", (base % ("bigint convert using (app.conv(v))", "  table more { id bigint; }\n")).replace("n * 2", "n * 3"))
        _, self.url = self.fresh("called")
        self.target = ("--url", self.url)
        self.go(0, "before")
        self.sql("INSERT INTO app.w SELECT n, n FROM generate_series(1, 50) n", self.url.rsplit("dbname=", 1)[1])
        self.gate("after")
        self.assertIn("function app.conv", self.go(3, "other").stderr)
        self.go(0, "after", "--phase", "contract")

    def test_killed_beside_one_that_waits(self):
        self.gate("a")
        self.killed("b", "s01", "after-settled")
        self.assertEqual("running", self.status()["open_run"]["state"])
        self.go(0, "b")
        self.assertEqual(["id", "size"], self.columns("u"))
        self.assertEqual("at the gate", self.status()["open_run"]["state"])
        self.go(0, "b", "--phase", "contract")
        self.settled("b")
