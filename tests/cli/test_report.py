"""What is told of many environments: `report`, `verify --format prometheus`; and `explain`."""
import json

from harness import Case

ONE = "schema app { table t { id bigint not null primary key; note text; } }\n"


class Report(Case):
    def setUp(self):
        super().setUp()
        _, self.other = self.fresh("other")
        self.write("one.schema", ONE)
        self.write("lockstep.yaml", f'schema: [one.schema]\nenvironments:\n  prod: {{ url: "{self.url}" }}\n  "a\\"b": {{ url: "{self.other}" }}\n'
                                    '  gone: { url: "host=/nowhere dbname=x" }\n')
        self.call(0, "apply", "--env", "prod", "--yes", "-m", "ticket | 5", "--store", "b")
        self.sql("INSERT INTO app.t VALUES (1, 'x')")
        self.write("one.schema", ONE.replace(" note text;", " more text;"))
        self.call(0, "apply", "--env", "prod", "--yes", "--allow", "all", "--store", "b")
        self.sql("ALTER TABLE app.t ADD COLUMN by_hand text")

    def test_report(self):
        text = self.call(0, "report").stdout
        for part in ("## prod: drift", "DRIFT: 1 object changed by somebody else", ": ticket | 5", "1 file with 1 row saved by these runs",
                     '## a"b: never applied', "## gone: unreachable"):
            self.assertIn(part, text)
        self.assertEqual(2, text.count(" done by "))
        document = json.loads(self.call(0, "report", "--format", "json", "--since", "1h", "--env", "prod").stdout)
        self.assertEqual((2, {"files": 1, "rows": 1}), (len(document["databases"][0]["runs"]), document["databases"][0]["saved"]))
        self.call(64, "report", "--since", "yesterday")

    def test_prometheus(self):
        text = self.call_any("verify", "--format", "prometheus").stdout
        for line in ('lockstep_up{environment="prod",database="%s"} 1' % self.database, 'lockstep_up{environment="gone",database=""} 0',
                     'lockstep_drift_objects{environment="prod",database="%s"} 1' % self.database, 'lockstep_up{environment="a\\"b",'):
            self.assertIn(line, text)
        self.assertNotIn('lockstep_drift_objects{environment="gone"', text)
        for line in text.splitlines():
            self.assertRegex(line, r"^# (HELP|TYPE) lockstep_\w+ .+$|^lockstep_\w+\{environment=\"(\\.|[^\"\\])*\",database=\"(\\.|[^\"\\])*\"\} ([0-9.]+|\+Inf)$")

    def test_explain(self):
        self.assertIn("LS0102: more than 5,000 levels", self.call(0, "explain", "LS0102").stdout)
        self.assertIn("exit code 7: stopped part-way", self.call(0, "explain", "7").stdout)
        self.assertIn("--allow drop-column", self.call(0, "explain", "drop-column").stdout)
        self.call(64, "explain", "LS9999")
        self.call(0, "plan", "--env", "prod", "-o", "p.json")
        self.assertIn("lock       ACCESS EXCLUSIVE on app.t\n", self.call(0, "explain", "s01", "--plan", "p.json").stdout)
        self.call(64, "explain", "s99", "--plan", "p.json")
