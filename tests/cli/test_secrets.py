"""What other users of the machine, scratch servers and hooks can see of this process; saved plans; the cache folder."""
import json
import os
import stat
import subprocess
import time

from harness import TWO, Case

SECRETS = {"PROD_URL": "postgres://u:hunter2@h/d", "DATABASE_URL": "postgres://u:hunter2@h/d", "PGPASSWORD": "hunter2", "PGAPPNAME": "hunter2",
           "CI_TOKEN": "hunter2", "LOCKSTEP_TEST_SECRET": "hunter2"}


def read(path):
    with open(path, "rb") as stream:
        return stream.read()


class Environment(Case):
    def test_of_the_scratch_server(self):
        os.chmod(self.folder, 0o755)  # the server's user must get through
        cache = self.path("cache")
        self.call(0, "check", "--schema", "one.schema", environment=dict(SECRETS, LOCKSTEP_CACHE=cache, LOCKSTEP_SERVER_IDLE="20"))
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                command = read(f"/proc/{pid}/cmdline")
                environment = read(f"/proc/{pid}/environ")
                ours = cache.encode() in command or cache.encode() in environment or f"-D\0{cache}".encode() in command
                parent = read(f"/proc/{pid}/stat").rsplit(b")", 1)[1].split()[1].decode()
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            if b"postgres" in command and ours:
                found.append((pid, parent, environment))
        self.assertTrue(found)
        for pid, parent, environment in found:
            self.assertNotIn(b"hunter2", environment)
            names = {one.split(b"=")[0] for one in environment.split(b"\0") if b"=" in one}
            # What PostgreSQL sets for itself: PG_GRANDPARENT_PID and the like stay away; PGSYSCONFDIR, PGLOCALEDIR are folders.
            self.assertLessEqual(names - {b"PGSYSCONFDIR", b"PGLOCALEDIR", b"PGDATA"},
                                 {b"PATH", b"HOME", b"USER", b"LOGNAME", b"SHELL", b"TMPDIR", b"TZ", b"LANG", b"LANGUAGE"} |
                                 {n for n in names if n.startswith(b"LC_")})
            keeper = read(f"/proc/{parent}/environ") if parent != "1" else b""
            self.assertNotIn(b"hunter2", keeper)

    def test_of_hooks(self):
        self.write("lockstep.yaml", "schema: one.schema\nenvironments:\n  dev:\n    url: ${SHOP_URL}\n"
                   "    hooks: { before: [env > seen], environment: [CI_TOKEN] }\n")
        self.call(0, "apply", "--env", "dev", "--yes", environment=dict(SECRETS, SHOP_URL=self.url, CI_TOKEN="named"))
        seen = dict(line.split("=", 1) for line in self.read("seen").splitlines() if "=" in line)
        self.assertEqual("named", seen["CI_TOKEN"])
        self.assertEqual("dev", seen["LOCKSTEP_ENV"])
        self.assertIn("PATH", seen)
        self.assertNotIn("hunter2", self.read("seen"))
        self.assertEqual([], [n for n in seen if n.endswith("_URL") or n.startswith("PG")])

    def test_a_variable_that_is_not_set(self):
        self.write("lockstep.yaml", "schema: one.schema\nenvironments:\n  dev:\n    url: ${SHOP_URL}\n"
                   "    hooks: { before: [touch never], environment: [LOCKSTEP_TEST_UNSET] }\n")
        self.assertIn("LOCKSTEP_TEST_UNSET", self.call(1, "apply", "--env", "dev", "--yes", environment={"SHOP_URL": self.url}).stderr)
        self.assertFalse(os.path.exists(self.path("never")))
        self.write("lockstep.yaml", "schema: one.schema\nenvironments:\n  dev:\n    url: ${SHOP_URL}\n    hooks: { environment: [\"A=b\"] }\n")
        self.assertIn("lockstep.yaml:5:", self.call(64, "plan", "--env", "dev", environment={"SHOP_URL": self.url}).stderr)

    def test_our_own_libpq_still_reads_it(self):
        folder = self.url.split("host=")[1].split()[0]
        self.call(0, "plan", "--url", f"dbname={self.database}", "--schema", "one.schema", environment={"PGHOST": folder, "PGUSER": "postgres"})


class Arguments(Case):
    def test_no_password_in_the_process_list(self):
        for url in (self.url + " password=hunter2", "postgres://postgres:hunter2@/{}?host={}".format(self.database, self.url.split("host=")[1].split()[0]),
                    "postgres://postgres@/{}?host={}&p%61ssword=hunter2".format(self.database, self.url.split("host=")[1].split()[0])):
            for arguments in (("--url", url), ("--url=" + url,)):
                with self.subTest(arguments):
                    self.sql("DROP SCHEMA IF EXISTS app CASCADE; DROP SCHEMA IF EXISTS lockstep CASCADE")
                    self.write("lockstep.yaml", "environments:\n  dev:\n    url: x\n")
                    holder = subprocess.Popen(["psql", "-X", "-q", self.url, "-c", "BEGIN; LOCK TABLE pg_catalog.pg_class; SELECT pg_sleep(5)"],
                                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                    time.sleep(0.5)
                    process = subprocess.Popen([self.lockstep, "inspect", *arguments], cwd=self.folder, stdout=subprocess.DEVNULL,
                                               stderr=subprocess.PIPE)
                    time.sleep(1)
                    command = read(f"/proc/{process.pid}/cmdline")
                    alive = process.poll() is None
                    process.kill()
                    process.wait()
                    process.stderr.close()
                    holder.kill()
                    holder.wait()
                    self.assertTrue(alive and command)
                    self.assertIn(b"inspect", command)
                    self.assertNotIn(b"hunter2", command)


class Cache(Case):
    def tried(self, folder):
        return self.call_any("check", "--schema", "one.schema", environment={"LOCKSTEP_CACHE": folder})

    def test_parents(self):
        base = self.path("base")
        for name, prepare in (("open", lambda p: os.chmod(p, 0o777)), ("group", lambda p: (os.chown(p, -1, 100), os.chmod(p, 0o775))),
                              ("stranger", lambda p: os.chown(p, 65534, -1))):
            if name != "open" and os.geteuid() != 0:
                continue
            with self.subTest(name):
                parent = os.path.join(base, name)
                os.makedirs(parent)
                os.chmod(base, 0o755)
                os.chmod(self.folder, 0o755)
                prepare(parent)
                done = self.tried(os.path.join(parent, "cache"))
                self.assertEqual(1, done.returncode, done.stderr)
                self.assertIn(parent + " ", done.stderr)
                self.assertIn("LOCKSTEP_CACHE", done.stderr)

    def test_a_link_of_somebody_elses(self):
        if os.geteuid() != 0:
            self.skipTest("only root can make a file of another user's")
        os.chmod(self.folder, 0o1777)
        os.makedirs(self.path("real"))
        os.symlink(self.path("real"), self.path("link"))
        os.lchown(self.path("link"), 65534, 65534)
        self.assertIn("belongs to another user", self.tried(self.path("link/cache")).stderr)

    def test_sticky_is_fine(self):
        os.chmod(self.folder, 0o1777)
        self.assertEqual(0, self.tried(self.path("cache")).returncode)


class SavedPlans(Case):
    def saved(self, schema="less"):
        self.apply(0, "one", "--yes")
        self.sql("INSERT INTO app.t VALUES (1, 'kept')")
        self.call(0, "plan", "--url", self.url, "--schema", schema + ".schema", "-o", "plan.json")
        return json.loads(self.read("plan.json"))

    def test_the_mode(self):
        self.saved()
        self.assertEqual(0o600, stat.S_IMODE(os.stat(self.path("plan.json")).st_mode))

    def test_the_sums_of_this_test_are_right(self):
        self.seal(self.saved())
        self.call(0, "apply", "plan.json", "--url", self.url, "--yes", "--allow", "all")
        self.assertEqual("id", self.sql("SELECT string_agg(attname, ',') FROM pg_attribute WHERE attrelid = 'app.t'::regclass AND attnum > 0 "
                                        "AND NOT attisdropped").strip())

    def edits(self):
        def no_losses(plan):
            for step in plan["steps"]:
                step["losses"] = []
                step["breaking"] = ""

        def other_query(plan):
            for step in plan["steps"]:
                for loss in step["losses"]:
                    loss["query"] += " WHERE false"

        def other_hazard(plan):
            for step in plan["steps"]:
                for loss in step["losses"]:
                    loss["hazard"] = "delete-rows"

        def adds(sql):
            return lambda plan: plan["steps"][0]["sql"].append(sql)

        def asks(**more):
            def edit(plan):
                plan["steps"][0]["checks"] = [{"rule": "x", "count": "SELECT 1", "sample": "SELECT 1", "upfront": True, **more}]
            return edit

        def by_row(**more):
            return asks(row_by_row={"schema": "app", "table": "t", "condition": "true", "shown": "id", **more})

        deletes = "WITH d AS (DELETE FROM app.t RETURNING 1) SELECT count(*) FROM d"
        return {"no losses": no_losses, "a query that saves nothing": other_query, "another hazard": other_hazard,
                "a check that deletes": asks(count=deletes), "a sample that deletes": asks(sample=deletes),
                "a check that ends its statement": by_row(condition="true); DELETE FROM app.t; PERFORM (true"),
                "a check that ends its block": by_row(condition="true) INTO lockstep_breaks; END LOOP; DELETE FROM app.t; LOOP PERFORM (true"),
                "a check that comments the rest away": by_row(shown="id) --", condition="true"),
                "a check that is a block": asks(sample="DO $$begin delete from app.t; end$$"),
                **{sql: adds(sql) for sql in ("DO $$begin end$$", "COPY app.t TO PROGRAM 'id'", "CREATE ROLE x", "ALTER SYSTEM SET jit = off",
                                              "DELETE FROM app.t", "TRUNCATE app.t", "UPDATE app.t SET note = NULL", "DROP TABLE app.t",
                                              "INSERT INTO app.t VALUES (2)", "SELECT pg_reload_conf()", "GRANT postgres TO public", "VACUUM", "SET ROLE x", "COMMIT",
                                              "ALTER TABLE app.t DROP COLUMN id", "ALTER TABLE app.t ALTER COLUMN note TYPE int USING 1",
                                              "ALTER TABLE app.t RENAME TO u", "DROP SCHEMA app CASCADE", "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p",
                                              "COMMENT ON SCHEMA app IS 'x'; DELETE FROM app.t")}}

    def test_a_plan_may_ask_for_more_care_never_for_less(self):
        original = self.saved()
        for name, edit in self.edits().items():
            with self.subTest(name):
                plan = json.loads(json.dumps(original))
                edit(plan)
                self.seal(plan)
                error = self.call(8, "apply", "plan.json", "--url", self.url, "--yes", "--allow", "all").stderr
                self.assertRegex(error, r"step s\d\d \(")
                self.assertEqual("1\tkept", self.sql("SELECT id, note FROM app.t").strip())

    def test_with_the_files_at_hand_it_is_the_plan_they_make(self):
        plan = self.saved("two")
        plan["steps"][0]["sql"].append("COMMENT ON TABLE app.t IS 'added'")
        self.seal(plan)
        self.write("lockstep.yaml", "schema: two.schema\n")
        self.assertIn("another plan", self.call(4, "apply", "plan.json", "--url", self.url, "--yes").stderr)
        self.call(0, "plan", "--url", self.url, "-o", "plan.json")
        self.write("two.schema", TWO.replace("extra", "another"))
        self.call(4, "apply", "plan.json", "--url", self.url, "--yes")
        self.write("two.schema", TWO)
        self.call(0, "apply", "plan.json", "--url", self.url, "--yes")

    def test_the_journals_plan_is_checked_too(self):
        self.apply(0, "one", "--yes")
        self.killed("less", "s01")
        found = self.sql("SELECT table_name FROM information_schema.columns WHERE table_schema = 'lockstep' AND column_name = 'plan'").split()
        self.assertTrue(found)
        self.sql(f"ALTER TABLE lockstep.{found[0]} DISABLE TRIGGER ALL; UPDATE lockstep.{found[0]} SET plan = "
                 "replace(plan::text, '\"hazard\": \"drop-column\"', '\"hazard\": \"delete-rows\"')::" +
                 self.sql(f"SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'lockstep.{found[0]}'::regclass AND attname = 'plan'").strip())
        self.call(8, "resume", "--url", self.url, "--yes")

    def test_a_plan_that_is_nested_deeply(self):
        self.write("deep.json", '{"format": ' + "[" * 1000000 + "]" * 1000000 + "}")
        self.assertIn("nested more deeply", self.call(64, "apply", "deep.json", "--url", self.url, "--yes").stderr)
