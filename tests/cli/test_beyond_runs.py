"""What an open run has done or will do is neither drift nor pending: an alarm of `verify --strict` doesn't fire while a rollout waits."""
import json

from harness import Case

OLD = """schema app {
  table t { id bigint not null primary key; name text; size int; note text; check small (size < 1000000); }
  table other { id bigint not null primary key; }
}
"""
# An addition of a table and of a column, a change of a type, a rename, and something that goes.
NEW = """schema app {
  table t { id bigint not null primary key; title text renamed from name; size bigint; tag text not null default 'x' comment 'new'; check small (size < 1000000); index t_title on (title); }
  table other { id bigint not null primary key; }
  table more { id bigint not null primary key; t bigint references t (id); }
}
"""
MORE = NEW.replace("table other { id bigint not null primary key; }", "table other { id bigint not null primary key; beyond text; }")
LESS = NEW.replace("size bigint;", "size int;")
YAML = 'schema: [files.schema]\nenvironments:\n  prod: {{ url: "{}", gates: on{} }}\n'


class BeyondRuns(Case):
    def setUp(self):
        super().setUp()
        self.configure()
        self.write("files.schema", OLD)
        self.prod(0, "apply", "--yes")
        self.sql("INSERT INTO app.t SELECT n, 'n', n, 'note' FROM generate_series(1, 20) n")
        self.write("files.schema", NEW)

    def configure(self, more=""):
        self.write("lockstep.yaml", YAML.format(self.url, more))

    def prod(self, code, *arguments):
        return self.call(code, *arguments, "--env", "prod")

    def apply(self, code, *more):
        return self.prod(code, "apply", "--yes", "--allow", "all", "--no-backup", *more)

    def state(self, code=0, *more):
        return json.loads(self.prod(code, "verify", "--format", "json", *more).stdout)["databases"][0]

    def silent(self):
        """No word of drift or pending, whatever is asked."""
        one = self.state(0, "--strict")
        self.assertEqual(([], []), (one["pending"], one["drift"]))
        self.assertIn("} 0\n", "".join(line + "\n" for line in self.prod(0, "verify", "--format", "prometheus").stdout.splitlines() if line.startswith("lockstep_pending")))
        self.assertNotIn(" pending:", self.prod(0, "report").stdout)
        for command in ("verify", "status"):
            self.assertIn("pending    nothing", self.prod(0, command).stdout)

    def test_at_the_gate(self):
        self.apply(6)
        self.silent()
        self.assertRegex(self.prod(0, "status").stdout, r"pending    nothing beyond the open run: \d+ steps to do\n")
        self.assertRegex(self.prod(0, "report").stdout, r"1 rollout at a gate, with \d+ steps to do")
        self.apply(0, "--phase", "contract")
        self.silent()

    def test_in_the_hold(self):
        self.configure(", hold: 24h")
        self.apply(6)
        self.silent()
        self.apply(0, "--phase", "contract")
        self.assertTrue(self.state()["holds"])
        self.silent()

    def test_a_run_that_stopped(self):
        done = self.call_any("apply", "--env", "prod", "--yes", "--allow", "all", "--no-backup", environment={"LOCKSTEP_CRASH_AT": "s03:after-settled"})
        self.assertEqual(-9, done.returncode)
        self.silent()
        self.prod(6, "resume", "--yes")
        self.silent()

    def test_what_is_beyond_the_run(self):
        self.apply(6)
        self.write("files.schema", MORE)
        self.assertEqual(["column app.other.beyond"], [one["object"] for one in self.state(2, "--strict")["pending"]])
        self.assertIn("1 change beyond the open run", self.prod(0, "verify").stdout)
        self.write("files.schema", LESS)  # the type of size is to stay
        self.assertEqual(["column app.t.size"], [one["object"] for one in self.state(2, "--strict")["pending"]])
        self.write("files.schema", OLD)
        self.assertLessEqual({"table app.more", "column app.t.tag"}, {one["object"] for one in self.state(2, "--strict")["pending"]})

    def test_a_run_beside_it(self):
        self.apply(6)
        self.write("files.schema", MORE.replace("beyond text", "beyond text; index by_beyond on (beyond)"))
        self.apply(0)  # it has no contract step
        self.silent()

    def test_a_part(self):
        self.apply(6, "--only", "app.t")
        self.assertLessEqual({one["object"] for one in self.state(2, "--strict")["pending"]}, {"table app.more", "column app.more.id", "column app.more.t",
                             "primary key app.more.more_pkey", "foreign key app.more.more_t_fkey"})

    def test_what_it_undoes_is_no_drift(self):
        """Seen and consented to when the run was planned; what somebody does later is drift."""
        self.sql("ALTER TABLE app.t ADD COLUMN by_hand text")
        self.assertEqual(["column app.t.by_hand"], [one["object"] for one in self.state(2)["drift"]])
        self.apply(6)
        self.assertEqual([], self.state(0, "--strict")["drift"])
        self.sql("ALTER TABLE app.other ADD COLUMN later text")
        self.assertEqual(["column app.other.later"], [one["object"] for one in self.state(2)["drift"]])

    def test_deploy_verifies_what_stands(self):
        said = self.prod(6, "deploy", "--yes", "--allow", "all", "--no-backup")
        self.assertIn("ok  verify", said.stderr)
        self.sql("ALTER TABLE app.other ADD COLUMN later text")
        self.assertIn("1 object changed by somebody else", self.prod(6, "deploy", "--yes").stderr)
        self.assertIn("to do", self.prod(2, "verify").stdout)
        self.sql("DO $$ DECLARE t record; BEGIN FOR t IN SELECT tgrelid::regclass AS r, tgname FROM pg_trigger WHERE tgname LIKE '%lockstep%' LOOP "
                 "EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', t.r, t.tgname); END LOOP; END $$")
        self.assertIn('deploy stopped at stage "verify"', self.prod(8, "deploy", "--yes").stderr)


if __name__ == "__main__":
    import unittest
    unittest.main()
