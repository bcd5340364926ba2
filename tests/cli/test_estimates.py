"""How long the steps of a plan take, and what disk and WAL they need: only where tables are large, measured on the server."""
import json
import re
import unittest

from harness import Case

BEFORE = "schema app {\n  table t { id bigint not null; body text; size integer; }\n  table small { id bigint not null; }\n}\n"
INDEXED = BEFORE.replace("size integer; }", "size integer; index t_size on (size); }").replace("id bigint not null; }", "id bigint not null primary key; }")
SMALLER = BEFORE.replace("table small { id bigint not null; }", "table small { id bigint not null primary key; }")
FILLED = BEFORE.replace("size integer; }", "size integer; half integer not null backfill (size / 2); }")
REWRITTEN = BEFORE.replace("size integer; }", "size bigint; offline; }")
WORDS = r"about \d+ (s|min|h)( to \d+ (s|min|h))?"


class Estimates(Case):
    def setUp(self):
        super().setUp()
        for name, text in (("before", BEFORE), ("indexed", INDEXED), ("smaller", SMALLER), ("filled", FILLED), ("rewritten", REWRITTEN)):
            self.write(name + ".schema", text)
        self.apply(0, "before", "--yes")
        self.sql("INSERT INTO app.t SELECT n, repeat('x', 900), n FROM generate_series(1, 20000) n; INSERT INTO app.small VALUES (1); ANALYZE app.t")

    def plan(self, schema, *more, url=None, text="text"):
        return self.call(0, "plan", "--url", url or self.url, "--schema", schema + ".schema", "--format", text, *more).stdout

    def document(self, schema, **how):
        return json.loads(self.plan(schema, text="json", **how))

    def estimates(self, plan):
        return [(step["title"], step["estimate"]) for step in plan["steps"] if "estimate" in step]

    def test_each_long_step_says_what_it_needs(self):
        for schema, words, most in (("indexed", "t_size", 25 << 20), ("filled", "fill", 80 << 20), ("rewritten", "size", 30 << 20)):
            plan = self.document(schema)
            (title, estimate), = [one for one in self.estimates(plan) if words in one[0] and one[1]["wal_bytes"]]
            self.assertTrue(1 <= estimate["seconds_least"] <= estimate["seconds_most"] < 600, estimate)
            self.assertTrue(1 << 20 < estimate["disk_bytes"] < 50 << 20, estimate)
            self.assertTrue(1 << 20 < estimate["wal_bytes"] <= most, estimate)
            self.assertTrue(plan["speeds"]["measured"], plan["speeds"])
            self.assertEqual("", plan["speeds"]["why_not"])
            needs = WORDS + r"; up to \d+ [kM]B of disk, \d+ [kM]B of WAL"
            self.assertRegex(re.sub(r"\s+", " ", self.plan(schema)), needs)
            self.assertRegex(self.plan(schema, text="markdown"), needs)
            self.assertIn("is estimated from a short probe", self.plan(schema))

    def test_small_tables_are_silent(self):
        plan = self.document("smaller")
        self.assertEqual([], self.estimates(plan))
        self.assertNotIn("speeds", plan)
        self.assertNotRegex(self.plan("smaller"), WORDS + "|estimated")
        self.assertNotRegex(self.plan("smaller", text="markdown"), WORDS)
        self.assertEqual(["t"], sorted({"small" if "small" in title else "t" for title, _ in self.estimates(self.document("indexed"))}))

    def test_nothing_of_the_probe_is_left(self):
        before = self.sql("SELECT count(*) FROM pg_class"), self.server.dump(self.database)
        self.plan("indexed")
        self.assertEqual(before, (self.sql("SELECT count(*) FROM pg_class"), self.server.dump(self.database)))

    def test_where_it_must_not_be_measured(self):
        role = "estimates_" + self.database
        self.sql(f"CREATE ROLE {role} LOGIN; GRANT ALL ON DATABASE {self.database} TO {role}; REVOKE TEMP ON DATABASE {self.database} FROM PUBLIC;"
                 f"REVOKE TEMP ON DATABASE {self.database} FROM {role}; GRANT USAGE ON SCHEMA app, lockstep TO {role}; "
                 f"GRANT SELECT ON ALL TABLES IN SCHEMA lockstep TO {role}")
        self.addCleanup(self.sql, f"DROP OWNED BY {role}; DROP ROLE {role}")
        self.not_measured("the role may not make temporary tables", self.url.replace("user=postgres", "user=" + role))
        self.sql(f"ALTER DATABASE {self.database} SET default_transaction_read_only = on")
        self.not_measured("transactions are read-only", self.url)
        self.server.sql("postgres", f"ALTER DATABASE {self.database} RESET default_transaction_read_only")
        self.sql("CREATE FUNCTION public.noisy() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'fired'; END$$;"
                 "CREATE EVENT TRIGGER noisy ON ddl_command_start WHEN TAG IN ('CREATE AGGREGATE') EXECUTE FUNCTION public.noisy()")
        self.not_measured("an event trigger would run", self.url)

    def not_measured(self, why, url):
        speeds = self.document("indexed", url=url)["speeds"]
        self.assertEqual((False, why), (speeds["measured"], speeds["why_not"]))
        text = re.sub(r"\s+", " ", self.plan("indexed", url=url))
        self.assertIn(f"not calibrated, since {why}: the times are those of a slow server", text)
        self.assertRegex(text, WORDS)

    def test_a_saved_plan_keeps_them(self):
        self.plan("indexed", "-o", "plan.json")
        estimates = self.estimates(json.loads(self.read("plan.json")))
        self.assertTrue(estimates)
        self.call(0, "apply", "plan.json", "--url", self.url, "--yes", "--allow", "all")


if __name__ == "__main__":
    unittest.main()
