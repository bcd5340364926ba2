"""init, check with its pre-flight, and plans for a pull request."""
import json
import os

from harness import Case


class Init(Case):
    def test_from_nothing(self):
        text = self.call(0, "init", told=True)
        text += self.call(64, "init", told=True)
        self.golden("init", text + self.read("lockstep.yaml") + self.read("schemas/app.schema"))
        self.call(0, "check")
        self.call(0, "fmt", "--check", "schemas")
        self.call(0, "apply", "--env", "dev", "--yes", environment={"DATABASE_URL": self.url})

    def test_from_a_database(self):
        self.apply(0, "two", "--yes")
        self.call(0, "init", "--url", self.url)
        self.assertIn("extra integer", self.read(f"schemas/{self.database}.schema"))
        self.call(0, "plan", "--env", "dev", "--detailed-exitcode", environment={"DATABASE_URL": self.url})

    def test_it_never_overwrites(self):
        self.write("schemas/app.schema", "-- mine\n")
        self.assertIn("schemas/app.schema", self.call(64, "init").stderr)
        self.assertEqual("-- mine\n", self.read("schemas/app.schema"))
        self.assertFalse(os.path.exists(self.path("lockstep.yaml")))


class Check(Case):
    def test_a_database_that_is_fit(self):
        self.golden("check", self.call(0, "check", "--schema", "one.schema", "--url", self.url, told=True))

    def test_what_it_finds(self):
        self.apply(0, "one", "--yes")
        self.sql("CREATE TABLE app.u (a int); INSERT INTO app.u VALUES (1), (1); CREATE ROLE lockstep_test_poor LOGIN")
        self.addCleanup(self.sql, "DROP OWNED BY lockstep_test_poor; DROP ROLE lockstep_test_poor")
        self.sql("GRANT USAGE ON SCHEMA app, lockstep TO lockstep_test_poor; GRANT SELECT ON ALL TABLES IN SCHEMA lockstep TO lockstep_test_poor")
        try:
            self.sql("CREATE UNIQUE INDEX CONCURRENTLY u_a ON app.u (a)")
        except RuntimeError:
            pass
        url = self.url.replace("user=postgres", "user=lockstep_test_poor")
        document = json.loads(self.call(1, "check", "--schema", "one.schema", "--url", url, "--format", "json").stdout)
        self.assertEqual("lockstep-check/1", document["format"])
        found = {(one["check"], one["verdict"]) for one in document["findings"]}
        for wanted in (("version", "ok"), ("identity", "ok"), ("invalid indexes", "warn"), ("privileges", "bad"), ("privileges", "warn"),
                       ("replicas", "ok"), ("disk", "ok"), ("backup target", "ok"), ("long transactions", "ok"), ("journal", "ok")):
            self.assertIn(wanted, found)

    def test_out_of_reach(self):
        done = self.call(1, "check", "--schema", "one.schema", "--url", "host=127.0.0.1 port=1 password=hunter2")
        self.assertIn("bad   can't be reached", done.stdout)
        self.assertNotIn("hunter2", done.stdout + done.stderr)

    def test_errors_as_json(self):
        document = json.loads(self.call(64, "check", "--schema", "wrong.schema", "--format", "json").stdout)
        self.assertEqual("error", document["diagnostics"][0]["severity"])
        self.assertIn("wrong.schema:2:", document["diagnostics"][0]["place"])


class Markdown(Case):
    def test_a_plan_for_a_pull_request(self):
        self.apply(0, "one", "--yes")
        self.sql("INSERT INTO app.t SELECT generate_series(1, 100)")
        self.write("next.schema", "schema app {\n  table t { id bigint not null primary key; \"we|rd <b>\" text default '```|'; }\n}\n")
        text = self.call(0, "plan", "--url", self.url, "--schema", "next.schema", "--format", "markdown").stdout
        self.assertEqual(text, self.call(0, "plan", "--url", self.url, "--schema", "next.schema", "--format", "markdown").stdout)
        self.golden("plan_markdown", text)
        self.assertIn("Nothing to do", self.call(0, "plan", "--url", self.url, "--schema", "one.schema", "--format", "markdown").stdout)
