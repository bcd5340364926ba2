"""A partition with rows leaves its parent beside the traffic: what it locks, what is left of it after a kill, and the ways on from there."""
import json
import subprocess
import time

from harness import Case

PARENT = ("schema app {\n  table c { id bigint not null primary key; }\n"
          "  table p partition by range (day) {\n    day date not null;\n    id integer not null;\n    c bigint;\n"
          "    primary key p_pkey (day, id);\n    foreign key p_c (c) references c (id);\n%s"
          "    partition p_2025 for values from ('2025-01-01') to ('2026-01-01');\n  }\n"
          "  table r {\n    day date;\n    id integer;\n    foreign key r_p (day, id) references p (day, id);\n  }\n%s}\n")
BEFORE = PARENT % ("    partition p_2024 for values from ('2024-01-01') to ('2025-01-01');\n", "")
AFTER = PARENT % ("", "  table p_2024 {\n    day date not null;\n    id integer not null;\n    c bigint;\n    primary key p_2024_pkey (day, id);\n"
                      "    foreign key p_c (c) references c (id);\n  }\n")
FILL = ("INSERT INTO app.c SELECT generate_series(1, 100); INSERT INTO app.p SELECT '2024-05-05', n, n FROM generate_series(1, 100) n; "
        "INSERT INTO app.p SELECT '2025-05-05', n, n FROM generate_series(1, 100) n; INSERT INTO app.r SELECT day, id FROM app.p_2025")
DETACH = "ALTER TABLE app.p DETACH PARTITION app.p_2024 CONCURRENTLY"
PENDING = "SELECT count(*) FROM pg_inherits WHERE inhdetachpending"
CHECKS = "SELECT count(*) FROM pg_constraint WHERE contype = 'c' AND connamespace = 'app'::regnamespace"
ORDER = ("none", "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE")


class Detach(Case):
    def setUp(self):
        super().setUp()
        self.write("before.schema", BEFORE)
        self.write("after.schema", AFTER)
        self.filled()

    def filled(self):
        self.database, self.url = self.fresh("shop")
        self.apply(0, "before", "--yes")
        self.sql(FILL)

    def psql(self, text):
        """A session that runs the text and stays; its end is to be told to it."""
        session = subprocess.Popen([self.server.bin + "/psql", "-X", "-q", "-d", self.url], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(session.kill)
        session.stdin.write(text + "\n")
        session.stdin.flush()
        return session

    def until(self, query, answer):
        for _ in range(300):
            if self.sql(query) == answer:
                return
            time.sleep(0.1)
        self.fail(f"{query} never said {answer}")

    @staticmethod
    def end(session):
        session.stdin.close()
        session.wait(30)

    def cut_off(self):
        """Half of a detaching, as a kill leaves it."""
        reader = self.psql("BEGIN; SELECT count(*) FROM app.p;")
        self.until("SELECT count(*) > 0 FROM pg_locks WHERE relation = 'app.p'::regclass AND granted", "t\n")
        with self.assertRaisesRegex(RuntimeError, "lock timeout"):
            self.sql("SET lock_timeout = '50ms'; " + DETACH)
        self.end(reader)
        self.assertEqual("1\n", self.sql(PENDING))
        self.assertEqual("100\n", self.sql("SELECT count(*) FROM app.p"))

    def reached(self, schema, rows):
        self.assertEqual("0\n", self.sql(PENDING))
        self.assertEqual("0\n", self.sql(CHECKS))
        self.assertEqual(f"{rows}\t100\n", self.sql("SELECT (SELECT count(*) FROM app.p), (SELECT count(*) FROM app.p_2024)"))
        self.call(0, "verify", "--url", self.url, "--schema", schema + ".schema", "--strict")
        self.assertEqual("0\n", self.sql("SELECT count(*) FROM lockstep.object"))

    def steps(self):
        self.call(0, "plan", "--url", self.url, "--schema", "after.schema", "-o", "plan.json")
        return json.loads(self.read("plan.json"))["steps"]

    def test_every_lock_is_declared(self):
        declared = {lock["relation"]: lock["mode"] for lock in self.steps()[0]["locks"]}
        self.assertEqual({"app.p": "SHARE UPDATE EXCLUSIVE", "app.p_2024": "ACCESS EXCLUSIVE", "app.c": "SHARE ROW EXCLUSIVE",
                          "app.r": "ACCESS EXCLUSIVE"}, declared)
        others = [self.psql("BEGIN; " + statement) for statement in
                  ("SELECT count(*) FROM app.p_2024;", "INSERT INTO app.c VALUES (0);", "SELECT count(*) FROM app.r;")]
        self.until("SELECT count(DISTINCT pid) FROM pg_locks WHERE relation IN ('app.p_2024'::regclass, 'app.c'::regclass, 'app.r'::regclass)", "3\n")
        detaching = self.psql(DETACH + ";")
        seen = {}
        for other in others:  # each of them stops it once
            for _ in range(10):
                time.sleep(0.05)
                rows = self.sql("SELECT relation::regclass, upper(regexp_replace(regexp_replace(l.mode, 'Lock$', ''), '(?<=[a-z])(?=[A-Z])', ' ', 'g')) "
                                "FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_class c ON c.oid = relation AND relkind IN ('r', 'p') "
                                f"AND relnamespace = 'app'::regnamespace WHERE a.query LIKE '{DETACH}%' AND pid <> pg_backend_pid()")
                for relation, mode in (line.split("\t") for line in rows.splitlines()):
                    if ORDER.index(mode) > ORDER.index(seen.get(relation, "ACCESS SHARE")):
                        seen[relation] = mode
            self.end(other)
        self.end(detaching)
        self.assertEqual(declared, seen)

    def test_who_uses_the_parent_goes_on(self):
        self.write("traffic.sql", "SET lock_timeout = '1s';\n" + "".join(
            f"INSERT INTO app.p VALUES ('2025-06-06', {n}, 1);\nSELECT count(*) FROM app.p;\nUPDATE app.p SET c = 2 WHERE day = '2025-06-06' AND id = {n};\n"
            for n in range(20000)))
        traffic = subprocess.Popen([self.server.bin + "/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url, "-f", self.path("traffic.sql")],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(traffic.kill)
        self.until("SELECT count(*) > 100 FROM app.p", "t\n")
        self.apply(0, "after", "--yes", "--allow", "all")
        time.sleep(0.2)
        code = traffic.poll()
        self.assertIsNone(code, "" if code is None else traffic.stderr.read())
        traffic.kill()
        traffic.communicate()
        self.assertEqual("100\n", self.sql("SELECT count(*) FROM app.p_2024"))
        self.assertEqual("0\n", self.sql(CHECKS))

    def test_a_killed_run_goes_on(self):
        for point in ("before-exec", "after-exec"):
            with self.subTest(point=point):
                self.filled()
                self.killed("after", "s01", point)
                if point == "before-exec":
                    self.cut_off()
                done = self.call(0, "resume", "--url", self.url, "--yes")
                if point == "before-exec":
                    self.assertIn("finishing what an attempt began", done.stdout + done.stderr)
                self.reached("after", 100)

    def test_a_killed_run_is_taken_back(self):
        for pending in (True, False):
            with self.subTest(pending=pending):
                self.filled()
                dump = self.server.dump(self.database, "-s")
                self.killed("after", "s01", "before-exec" if pending else "after-exec")
                if pending:
                    self.cut_off()
                self.call(0, "rollback", "--url", self.url, "--yes", "--allow", "all")
                self.assertEqual(sorted(dump.splitlines()), sorted(self.server.dump(self.database, "-s").splitlines()))
                self.reached("before", 200)

    def test_a_killed_run_is_given_up(self):
        for schema, rows in (("after", 100), ("before", 200)):
            with self.subTest(schema=schema):
                self.filled()
                self.killed("after", "s01", "before-exec")
                self.cut_off()
                self.call(0, "resolve", "--abandon", "--reason", "test", "--url", self.url)
                self.apply(0, schema, "--yes", "--allow", "all")
                self.reached(schema, rows)

    def test_what_somebody_elses_detaching_left(self):
        for schema, rows, titles in (("after", 100, ["finish detaching partition app.p_2024 from app.p"]),
                                     ("before", 200, ["finish detaching partition app.p_2024 from app.p", "attach partition app.p_2024 to app.p"])):
            with self.subTest(schema=schema):
                self.filled()
                self.cut_off()
                self.assertIn("detach_pending", self.call(2, "verify", "--url", self.url).stdout)
                self.call(0, "plan", "--url", self.url, "--schema", schema + ".schema", "-o", "plan.json")
                steps = json.loads(self.read("plan.json"))["steps"]
                found = [step for step in steps if any(title in step["title"] for title in titles)]
                self.assertEqual(len(titles), len(found), [step["title"] for step in steps])
                self.apply(0, schema, "--yes", "--allow", "all")
                self.reached(schema, rows)
