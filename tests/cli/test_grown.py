"""A table that was small when the plan was made, and isn't any more when its step comes."""
import json
import unittest

from harness import Case

BEFORE = """schema app {
  table t { id bigint not null; body text; size integer; }
  table u { id bigint not null primary key; }
}
"""
KEYED = BEFORE.replace("size integer; }", "size integer; primary key (id); index t_size on (size); }")
RETYPED = BEFORE.replace("size integer; }", "size bigint; }").replace("primary key; }", "primary key; note text; }")
SMALL = "INSERT INTO app.t SELECT n, 'x', n FROM generate_series(1, 500) n"
GROWN = "INSERT INTO app.t SELECT n, repeat('x', 900), n FROM generate_series(1001, 41000) n"  # 40 MB


class Grown(Case):
    def setUp(self):
        super().setUp()
        for name, text in (("before", BEFORE), ("keyed", KEYED), ("retyped", RETYPED),
                           ("offline", RETYPED.replace("size bigint; }", "size bigint; offline; }"))):
            self.write(name + ".schema", text)
        self.target = ("--url", self.url)
        self.apply(0, "before", "--yes")

    def saved(self, schema, *more):
        self.call(0, "plan", *self.target, "--schema", schema + ".schema", "-o", "plan.json", *more)
        return json.loads(self.read("plan.json"))

    def run_saved(self, code, *more):
        return self.call(code, "apply", "plan.json", *self.target, "--yes", "--allow", "all", *more)

    def limits(self, plan):
        return sorted({(limit["relation"], limit["most"]) for step in plan["steps"] for limit in step.get("limits", [])})

    def refused(self, done):
        self.assertIn("app.t had ", done.stderr)
        self.assertRegex(done.stderr, r"and has [34]\d(\.\d)? MB now; step s\d\d \(")
        self.assertIn("which is for tables of up to 32 MB", done.stderr)

    def nothing_changed(self, before):
        self.assertEqual(before, self.server.dump(self.database))

    def test_a_saved_plan_for_an_empty_table(self):
        plan = self.saved("keyed")
        self.assertEqual([("app.t", 32 << 20)], self.limits(plan))
        self.sql(GROWN)
        before = self.server.dump(self.database)
        done = self.run_saved(4)
        self.refused(done)
        self.assertIn("app.t had 0 B", done.stderr)
        self.assertIn("Nothing was changed. Plan again", done.stderr)
        self.assertIn("`offline;`", done.stderr)
        self.nothing_changed(before)
        self.assertEqual([], self.limits(self.saved("keyed")), "built beside the traffic")
        self.run_saved(0)

    def test_a_saved_plan_of_a_type_change(self):
        self.sql(SMALL)
        plan = self.saved("retyped")
        self.assertEqual([("app.t", 32 << 20)], self.limits(plan))
        self.sql(GROWN)
        before = self.server.dump(self.database)
        done = self.run_saved(4)
        self.refused(done)
        self.assertRegex(done.stderr, r"app.t had \d+ kB")
        self.nothing_changed(before)
        self.saved("retyped")
        self.assertIn("successor", self.read("plan.json"))
        self.run_saved(0)

    def test_what_grows_a_little_is_no_matter(self):
        self.sql(SMALL)
        self.saved("retyped")
        self.sql("INSERT INTO app.t SELECT n, repeat('x', 900), n FROM generate_series(1001, 4000) n")
        self.run_saved(0)
        self.call(0, "verify", *self.target, "--schema", "retyped.schema", "--strict")

    def test_offline_has_no_limit(self):
        self.sql(SMALL)
        self.assertEqual([], self.limits(self.saved("offline")))
        self.sql(GROWN)
        self.run_saved(0)

    def test_the_limit_is_a_part_of_what_the_digest_covers(self):
        self.sql(SMALL)
        plan = self.saved("retyped")
        for step in plan["steps"]:
            step.pop("limits", None)
        self.write("plan.json", json.dumps(plan))
        self.assertIn("was changed after it was made (its digest", self.run_saved(8).stderr)
        plan = self.saved("retyped")
        self.seal(plan)
        self.run_saved(0)

    def test_what_is_dropped_with_its_rows(self):
        self.write("less.schema", BEFORE.replace("  table t { id bigint not null; body text; size integer; }\n", ""))
        self.assertEqual([("app.t", 32 << 20)], self.limits(self.saved("less")))
        self.sql(GROWN)
        self.refused(self.run_saved(4))

    def test_it_grew_at_the_gate(self):
        self.sql(SMALL)
        self.write("lockstep.yaml", "schema: [retyped.schema]\nenvironments:\n  prod: { url: \"${PROD}\", gates: on }\n")
        prod = lambda code, *arguments: self.call(code, *arguments, "--env", "prod", environment={"PROD": self.url})
        prod(6, "apply", "--yes", "--allow", "all")
        self.sql(GROWN)
        before = self.server.dump(self.database)
        done = prod(4, "apply", "--yes", "--phase", "contract")
        self.refused(done)
        self.assertIn("Nothing was changed by this command. 1 of 2 steps are done", done.stderr)
        self.assertIn("`lockstep resolve --abandon --reason …`, or take it back with `lockstep rollback`", done.stderr)
        self.nothing_changed(before)
        self.assertIn("at the gate", prod(0, "status").stdout)
        self.sql("DELETE FROM app.t WHERE id > 1000")
        self.sql("VACUUM FULL app.t")
        prod(0, "apply", "--yes", "--phase", "contract")
        self.call(0, "verify", *self.target, "--schema", "retyped.schema", "--strict")

    def test_it_grew_at_the_gate_and_is_taken_back(self):
        self.sql(SMALL)
        apply = lambda code, *more: self.apply(code, "retyped", "--yes", "--allow", "all", *more)
        apply(6, "--phase", "migrate")
        self.sql(GROWN)
        apply(4, "--phase", "contract")
        self.call(0, "rollback", *self.target, "--yes", "--allow", "all")
        apply(0)
        self.assertEqual("bigint\n", self.sql("SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attrelid = 'app.t'::regclass AND attname = 'size'"))

    def test_it_grew_while_the_run_was_stopped(self):
        self.sql(SMALL)
        self.killed("retyped", "s01")
        self.sql(GROWN)
        self.refused(self.call(7, "resume", *self.target, "--yes"))

    def test_it_grew_before_its_step_came(self):
        self.sql(SMALL)
        hook = f"{self.server.bin}/psql -X -q -d \\\"$LOCKSTEP_TEST_URL\\\" -c \\\"{GROWN}\\\""
        self.write("lockstep.yaml", "schema: [retyped.schema]\nenvironments:\n  dev:\n    url: \"${LOCKSTEP_TEST_URL}\"\n"
                   f"    hooks: {{ after_expand: [\"{hook}\"], environment: [LOCKSTEP_TEST_URL] }}\n")
        done = self.call(7, "apply", "--env", "dev", "--yes", "--allow", "all", environment={"LOCKSTEP_TEST_URL": self.url})
        self.refused(done)
        self.assertIn("1 of 2 steps are done", done.stderr)
        self.assertEqual("integer\n", self.sql("SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attrelid = 'app.t'::regclass AND attname = 'size'"))


if __name__ == "__main__":
    unittest.main()
