"""Exit codes, streams, flags and refusals of the commands that were there first."""
import json
import os
import subprocess

from harness import LESS, ONE, Case


class Basics(Case):
    def test_types_that_dont_convert_say_what_to_declare(self):
        self.write("old.schema", "schema app { table t { id bigint not null primary key; at timestamptz; } }\n")
        self.write("new.schema", "schema app { table t { id bigint not null primary key; at uuid; } }\n")
        self.apply(0, "old", "--yes")
        done = self.apply(1, "new", "--yes", "--allow", "all")
        self.assertIn("cannot be cast automatically to type uuid", done.stderr)
        self.assertIn("Nothing was changed on the target. Say in the column's declaration how", done.stderr)
        self.write("new.schema", "schema app { table t { id bigint not null primary key; at uuid convert using (md5(at::text)::uuid); } }\n")
        self.apply(0, "new", "--yes", "--allow", "all")

    def test_usage(self):
        for arguments in ([], ["nonsense"], ["plan", "--nonsense"], ["plan"], ["plan", "--url", self.url],
                          ["plan", "--url", self.url, "--schema", "missing.schema"],
                          ["plan", "--url", self.url, "--schema", "none*.schema"],
                          ["plan", "--url", self.url, "--env", "dev", "--schema", "one.schema"],
                          ["plan", "--url", self.url, "--schema", "one.schema", "--format", "pdf"],
                          ["apply", "--url", self.url, "--schema", "one.schema", "--yes", "--allow", "nonsense"],
                          ["apply", "--url", self.url, "--schema", "one.schema", "--yes", "--phase", "all"],
                          ["apply", "missing.json", "--url", self.url]):
            with self.subTest(arguments=arguments):
                self.assertTrue(self.call(64, *arguments).stderr.strip())
        self.assertIn("apply", self.call(0, "--help").stdout)
        self.assertIn("--allow", self.call(0, "apply", "--help").stdout)
        self.assertRegex(self.call(0, "--version").stdout, r"^lockstep \d+\.\d+\.\d+$")

    def test_a_broken_file_touches_nothing(self):
        done = self.apply(64, "wrong", "--yes")
        self.assertIn("wrong.schema:2:", done.stderr)
        self.assertEqual("", self.server.sql(self.database, "SELECT 1 FROM pg_namespace WHERE nspname IN ('app', 'lockstep')"))

    def test_plan_apply_status(self):
        arguments = ("--url", self.url, "--schema", "one.schema")
        self.assertIn("never applied", self.call(0, "status", *arguments).stdout)
        self.call(0, "plan", *arguments)
        self.call(2, "plan", *arguments, "--detailed-exitcode")
        self.assertIn("CREATE TABLE", self.call(0, "plan", *arguments, "--format", "sql").stdout)
        self.assertIn("steps", json.loads(self.call(0, "plan", *arguments, "--format", "json").stdout))
        self.assertEqual("", self.server.sql(self.database, "SELECT 1 FROM pg_namespace WHERE nspname IN ('app', 'lockstep')"))
        self.assertIn("live equals desired", self.apply(0, "one", "--yes").stdout)
        self.assertIn("nothing to do: live equals desired", self.apply(0, "one").stdout)
        done = self.call(0, "plan", *arguments, "--detailed-exitcode", "--format", "sql")
        self.assertEqual([], [line for line in done.stdout.splitlines() if line and not line.startswith("--")])
        status = self.call(0, "status", *arguments).stdout
        self.assertIn("done", status)
        self.assertIn("nothing: live equals desired", status)

    def test_nobody_to_ask(self):
        done = self.apply(3, "one")
        self.assertIn("--yes", done.stderr)
        self.assertEqual("", self.server.sql(self.database, "SELECT 1 FROM pg_namespace WHERE nspname = 'app'"))

    def test_hazards_need_consent(self):
        self.apply(0, "one", "--yes")
        self.server.sql(self.database, "INSERT INTO app.t VALUES (1, 'x')")
        done = self.apply(3, "less", "--yes")
        self.assertIn("--allow drop-column:app.t.note", done.stderr)
        self.apply(3, "less", "--yes", "--allow", "drop-column:app.other.*,rewrite")
        self.assertEqual("x\n", self.server.sql(self.database, "SELECT note FROM app.t"))
        done = self.apply(0, "less", "--yes", "--allow", "drop:app.t.*")
        self.assertIn("backup: ", done.stdout)

    def test_nothing_overrides_protect(self):
        self.apply(0, "one", "--yes")
        self.write("guarded.schema", LESS.rstrip().rstrip("}") + "  protect column t.note;\n}\n")
        done = self.apply(3, "guarded", "--yes", "--allow", "all")
        self.assertIn("app.t.note is protected", done.stderr)
        planned = self.call(3, "plan", "--url", self.url, "--schema", "guarded.schema", "-o", "refused.json")
        self.assertIn("drop column app.t.note", planned.stdout)
        self.assertIn("app.t.note is protected", planned.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "refused.json")))
        self.apply(0, "less", "--yes", "--allow", "all")

    def test_protect_is_lifted_by_an_apply_of_its_own(self):
        self.apply(0, "one", "--yes")
        self.call(0, "plan", "--url", self.url, "--schema", "less.schema", "-o", "before.json")
        for guarded in ("table t", "column t.note"):
            self.write("guarded.schema", ONE.rstrip().rstrip("}") + f"  protect {guarded};\n}}\n")
            self.apply(0, "guarded", "--yes")
            for call in (("plan", "--schema", "less.schema"), ("apply", "--schema", "less.schema", "--yes", "--allow", "all"),
                         ("apply", "before.json", "--yes", "--allow", "all")):
                done = self.call(3, call[0], *call[1:], "--url", self.url)
                self.assertIn("app.t", done.stderr)
                self.assertIn("The files that were applied last (run ", done.stderr)
        self.apply(0, "one", "--yes")
        self.apply(0, "less", "--yes", "--allow", "all")

    def test_a_view_made_since_stops_a_saved_plan(self):
        self.apply(0, "one", "--yes")
        self.call(0, "plan", "--url", self.url, "--schema", "less.schema", "-o", "plan.json")
        self.server.sql(self.database, "CREATE VIEW app.since AS SELECT note FROM app.t")
        done = self.call(4, "apply", "plan.json", "--url", self.url, "--yes", "--allow", "all")
        self.assertIn("what depends on column app.t.note has changed", done.stderr)

    def test_saved_plan(self):
        self.apply(0, "one", "--yes")
        self.call(0, "plan", "--url", self.url, "--schema", "two.schema", "-o", "plan.json")
        other = self.server.url(self.server.new_database())
        self.assertIn("wrong target", self.call(4, "apply", "plan.json", "--url", other, "--yes").stderr)
        self.server.sql(self.database, "ALTER TABLE app.t ADD COLUMN extra text")
        self.assertIn("app.t.extra", self.call(4, "apply", "plan.json", "--url", self.url, "--yes").stderr)
        self.server.sql(self.database, "ALTER TABLE app.t DROP COLUMN extra")
        self.call(0, "apply", "plan.json", "--url", self.url, "--yes")
        self.call(0, "plan", "--url", self.url, "--schema", "two.schema", "--detailed-exitcode")
        with open(os.path.join(self.folder, "plan.json"), encoding="utf-8") as stream:
            self.write("edited.json", stream.read().replace("extra integer", "extra bigint"))
        self.call(8, "apply", "edited.json", "--url", self.url, "--yes")

    def test_another_run_holds_the_lock(self):
        self.apply(0, "one", "--yes")
        blocker = subprocess.Popen([f"{self.server.bin}/psql", "-X", "-q", "-d", self.url, "-c",
                                    "BEGIN; LOCK app.t IN ACCESS SHARE MODE; SELECT pg_sleep(60)"], stdout=subprocess.DEVNULL)
        first = subprocess.Popen([self.lockstep, "apply", "--url", self.url, "--schema", "two.schema", "--yes", "--allow", "all"],
                                 cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            for _ in range(200):
                if self.server.sql(self.database, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted"):
                    break
            self.assertIn("pid", self.apply(5, "two", "--yes", "--allow", "all").stderr)
        finally:
            blocker.terminate()
            blocker.wait()
            self.server.sql(self.database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ~ 'pg_sleep' AND pid <> pg_backend_pid()")
        out, err = first.communicate(timeout=120)
        self.assertEqual(0, first.returncode, out + err)

    def test_inspect(self):
        self.apply(0, "one", "--yes")
        text = self.call(0, "inspect", "--url", self.url).stdout
        self.assertIn("table t", text)
        self.assertNotIn("lockstep", text)
        self.call(0, "inspect", "--url", self.url, "-o", "live.schema")
        self.call(0, "fmt", "--check", "live.schema")
        objects = json.loads(self.call(0, "inspect", "--url", self.url, "--format", "json").stdout)["objects"]
        self.assertIn({"kind": "table", "path": ["app", "t"]}, [{"kind": one["kind"], "path": one["path"]} for one in objects])

    def test_fmt(self):
        self.write("ugly.schema", "SCHEMA app{TABLE t{id  bigint   not null primary key;}}")
        self.assertEqual("ugly.schema\n", self.call(2, "fmt", "--check", "ugly.schema").stdout)
        self.call(0, "fmt", "ugly.schema")
        self.assertEqual("", self.call(0, "fmt", "--check", "ugly.schema").stdout)
        self.write("broken.schema", "schema app { table t { id bigint } ")
        self.assertIn("broken.schema:1:", self.call(64, "fmt", "broken.schema").stderr)

    def test_check(self):
        self.assertIn("ok", self.call(0, "check", "--schema", "one.schema").stdout)
        self.assertIn("wrong.schema:2:", self.call(64, "check", "--schema", "wrong.schema").stderr)
        self.assertIn("PostgreSQL", self.call(0, "check", "--schema", "one.schema", "--url", self.url).stdout)

    def test_environments(self):
        self.write("lockstep.yaml", "schema: [one.schema]\nenvironments:\n  dev: { url: \"${LOCKSTEP_TEST_URL}\" }\n")
        self.assertIn("lockstep.yaml:3:", self.call(64, "plan", "--env", "dev").stderr)
        self.assertIn("known: dev", self.call(64, "plan", "--env", "prod").stderr)
        self.call(2, "plan", "--env", "dev", "--detailed-exitcode", environment={"LOCKSTEP_TEST_URL": self.url})
        self.write("lockstep.yaml", "schema: [one.schema]\nschema: x\nenvironments:\n  dev: { url: a, waves: [1] }\n")
        done = self.call(64, "plan", "--env", "dev")
        self.assertIn("lockstep.yaml:2:1", done.stderr)
        self.assertIn("waves", done.stderr)
        self.call(64, "plan", "--config", "missing.yaml", "--url", self.url, "--schema", "one.schema")

    def test_a_secret_is_never_told(self):
        done = self.call(1, "plan", "--url", "postgresql://u:hunter2@127.0.0.1:1/db", "--schema", "one.schema", "-v")
        self.assertNotIn("hunter2", done.stdout + done.stderr)

    def test_logs_are_json_when_asked(self):
        done = self.apply(0, "one", "--yes", "--log-format", "json")
        lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
        self.assertTrue(lines)
        self.assertEqual({"time", "level", "message"}, set(lines[0]))
        self.assertEqual("", self.apply(0, "two", "--yes", "--quiet").stderr)
