"""A changed index and key of a table with rows, seen from beside and killed at two points of each step: at no time is there none."""
import json
import subprocess
import time
import unittest

from harness import Case

BEFORE = ("schema app {\n  table t {\n    id bigint not null primary key;\n    mail text not null;\n    city text not null;\n"
          "    index t_mail on (mail) clustered { comment 'c'; }\n    unique t_key (id, mail);\n  }\n}\n")
AFTER = BEFORE.replace("on (mail)", "on (lower(mail), city)").replace("t_key (id, mail)", "t_key (id, mail, city)")
POINTS = ("after-intent", "before-exec", "after-exec", "before-commit", "after-settled")
# A valid index per definition, whatever it is called for the moment.
SERVING = ("SELECT DISTINCT substring(indexdef FROM 'USING .*') FROM pg_indexes JOIN pg_index i ON i.indexrelid = format('%I.%I', "
           "schemaname, indexname)::regclass WHERE schemaname = 'app' AND i.indisvalid ORDER BY 1")


class ChangedIndex(Case):
    def setUp(self):
        super().setUp()
        self.write("before.schema", BEFORE)
        self.write("after.schema", AFTER)
        self.filled()

    def filled(self):
        self.database, self.url = self.fresh("shop")
        self.apply(0, "before", "--yes")
        self.sql("INSERT INTO app.t SELECT n, 'M' || n, 'c' || n % 10 FROM generate_series(1, 2000) n; ANALYZE app.t")

    def steps(self):
        self.call(0, "plan", "--url", self.url, "--schema", "after.schema", "-o", "plan.json")
        return json.loads(self.read("plan.json"))["steps"]

    def dump(self):
        return self.server.dump(self.database, "-s", "-n", "app")

    def test_killed_at_two_points_of_every_step(self):
        steps = self.steps()
        self.apply(0, "after", "--yes", "--allow", "all")
        wanted = self.dump()
        for number, step in enumerate(steps):
            for point in (POINTS[number % len(POINTS)], POINTS[(number + 2) % len(POINTS)]):
                with self.subTest(step=step["title"], point=point):
                    self.filled()
                    self.killed("after", step["id"], point)
                    serving = self.sql(SERVING)
                    for old, new in (("(mail)", "(lower(mail), city)"), ("(id, mail)", "(id, mail, city)")):
                        self.assertTrue(old in serving or new in serving, serving)
                    self.assertIn("drift      none", self.call(0, "status", "--url", self.url).stdout)
                    self.call(0, "resume", "--url", self.url, "--yes")
                    self.assertEqual(wanted, self.dump())
                    self.assertEqual("f\n", self.sql("SELECT bool_or(NOT indisvalid) FROM pg_index"))

    def test_a_successor_left_half_built_is_built_again(self):
        build = self.steps()[0]
        self.killed("after", build["id"], "after-exec")
        self.sql("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'app.lockstep_t_mail_new'::regclass")
        done = self.call(0, "resume", "--url", self.url, "--yes")
        self.assertIn("removing what an unfinished attempt left behind", done.stdout + done.stderr)
        self.call(0, "plan", "--url", self.url, "--schema", "after.schema", "--detailed-exitcode")
        self.assertEqual("f\n", self.sql("SELECT bool_or(NOT indisvalid) FROM pg_index"))

    def test_a_successor_that_the_rows_refuse_leaves_the_old_one(self):
        self.sql("INSERT INTO app.t VALUES (0, 'm1', 'c1')")
        self.write("after.schema", BEFORE.replace("index t_mail on (mail)", "unique index t_mail on (lower(mail))"))
        before = self.dump()
        done = self.apply(1, "after", "--yes", "--allow", "all")
        self.assertIn("2 rows break it", done.stderr)
        self.assertIn("nothing was changed", done.stderr)
        self.assertEqual(before, self.dump())

    def test_the_names_change_beside_an_open_reader(self):
        build = [step for step in self.steps() if "successor of index" in step["title"]][0]
        self.write("after.schema", BEFORE.replace("on (mail)", "on (lower(mail), city)"))
        self.killed("after", build["id"])
        reader = subprocess.Popen([self.server.bin + "/psql", "-X", "-q", "-d", self.url], stdin=subprocess.PIPE, text=True)
        self.addCleanup(reader.kill)
        reader.stdin.write("BEGIN; SET enable_seqscan = off; SELECT id FROM app.t WHERE mail = 'M7' \\g /dev/null\n")
        reader.stdin.flush()
        self.until("SELECT count(*) FROM pg_locks WHERE relation = 'app.t_mail'::regclass", "1\n")
        resumed = subprocess.Popen([self.lockstep, "resume", "--url", self.url, "--yes"], cwd=self.folder, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(resumed.kill)
        # The old one is on its way out, and waits for the reader; nobody else waits for it.
        self.until("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DROP INDEX CONCURRENTLY%' AND wait_event_type = 'Lock'", "1\n")
        self.assertIn("lower(mail), city", self.sql("SELECT pg_get_indexdef('app.t_mail'::regclass)"))
        self.sql("SET lock_timeout = '200ms'; SELECT count(*) FROM app.t WHERE lower(mail) = 'm7'; INSERT INTO app.t VALUES (-1, 'x', 'y')")
        self.assertIsNone(resumed.poll())
        reader.stdin.write("COMMIT;\n")
        reader.stdin.close()
        self.assertEqual(0, resumed.wait(60))
        self.assertEqual("\n", self.sql("SELECT to_regclass('app.lockstep_t_mail_old')"))

    def until(self, query, wanted):
        for _ in range(300):
            if self.sql(query) == wanted:
                return
            time.sleep(0.1)
        self.fail(f"never {wanted!r}: {query}")


if __name__ == "__main__":
    unittest.main()
