"""What is told of many environments: `report`, `verify --format prometheus`; and `explain`."""
import glob
import json
import os
import re

from harness import HERE, Case

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
        for part in ("## prod: drift", "DRIFT: 1 object changed by somebody else", r": ticket \| 5", "1 file with 1 row saved by these runs",
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

    def test_what_people_wrote_is_no_markdown(self):
        self.write("one.schema", ONE)
        self.call(0, "apply", "--env", "prod", "--yes", "--allow", "all", "--store", "b", "-m", "<b>bold</b> `code` | \"q\" [x](y)")
        self.write("one.schema", "schema app { table t { id bigint not null primary key; note text; } table u { id int; } }")
        self.call_any("apply", "--env", "prod", "--yes", environment={"LOCKSTEP_CRASH_AT": "s01:after-settled"})
        self.call(0, "resolve", "--abandon", "--reason", "<i>no</i> | `why`", "--env", "prod")
        text = self.call(0, "report", "--env", "prod").stdout
        self.assertIn(r'&lt;b&gt;bold&lt;/b&gt; \`code\` \| "q" \[x\]\(y\)', text)
        self.assertIn(r"  - given up: &lt;i&gt;no&lt;/i&gt; \| \`why\`", text)
        for raw in ("<b>", "<i>", " `code`"):
            self.assertNotIn(raw, text)

    def test_consents_parts_and_adoptions(self):
        self.sql("ALTER TABLE app.t DROP COLUMN by_hand")
        self.write("one.schema", "schema app { table t { id bigint not null primary key; kept text; } table u { id int; } }")
        self.call(0, "apply", "--env", "prod", "--yes", "--only", "app.u", "--store", "b")
        self.call(0, "apply", "--env", "prod", "--yes", "--allow", "drop-column:app.t.more,breaking:app.t.more", "--store", "b")
        self.sql("ALTER TABLE app.t ADD COLUMN by_hand text")
        self.write("one.schema", "schema app { table t { id bigint not null primary key; kept text; by_hand text; } table u { id int; } }")
        self.call(0, "apply", "--env", "prod", "--yes")
        text = self.call(0, "report", "--env", "prod").stdout
        for part in ("  - part: `--only app.u`", "  - adopted: what stood in the database was recorded as applied", "  - consents: `--allow drop-column:app.t.more"):
            self.assertIn(part, text)
        runs = json.loads(self.call(0, "report", "--env", "prod", "--format", "json").stdout)["databases"][0]["runs"]
        self.assertEqual([True, False, False, False, False], [run["adopted"] for run in runs])
        self.assertEqual({"only": ["app.u"], "left_out": []}, runs[2]["part"])
        self.assertEqual([("drop-column", "app.t.more")], [(one["kind"], one["object"]) for one in runs[1]["consented"] if one["kind"] == "drop-column"])
        history = self.call(0, "history", "--env", "prod").stdout
        for part in ("(a part: --only app.u)", "(adopted what stood)"):
            self.assertIn(part, history)
        self.assertIn("consents   --allow drop-column:app.t.more", self.call(0, "history", runs[1]["id"], "--env", "prod").stdout)

    def test_every_code_is_explained(self):
        root = os.path.join(HERE, "..", "..")
        codes, rows = set(), {}
        for path in glob.glob(os.path.join(root, "src", "**", "*.*"), recursive=True):
            with open(path, encoding="utf-8") as stream:
                codes |= set(re.findall(r"\bLS\d{4}\b", stream.read()))
        with open(os.path.join(root, "docs", "diagnostics.md"), encoding="utf-8") as stream:
            for line in stream:
                if (line.startswith("|") or " | " in line) and not line.startswith("|--"):
                    cells = re.split(r"(?<= )\|", line.strip()[1:-1])
                    self.assertEqual(3, len(cells), line)  # a broken row
                    rows[cells[0].strip()] = [cell.strip() for cell in cells]
        self.assertEqual(codes, {code for code in rows if code.startswith("LS")})
        for code in sorted(codes):
            said = self.call(0, "explain", code).stdout
            self.assertEqual("".join([f"{code}: {rows[code][1]}\n", rows[code][2] + "\n" if rows[code][2] else ""]), said)
            self.assertRegex(said, r"\w\W*\Z")
            for line in said.splitlines():
                self.assertRegex(line, r"\w")
        self.assertEqual(self.call(0, "explain", "LS0301").stdout, self.call(0, "explain", "ls0301").stdout)
        said = self.call(64, "explain", "LS9999").stderr
        for code in set(re.findall(r"\bLS0\d{3}\b", said + self.call(0, "explain", "--help").stdout)):
            self.assertIn(code, codes)

    def test_explain(self):
        self.assertIn("LS0102: more than 5,000 levels", self.call(0, "explain", "LS0102").stdout)
        self.assertIn("exit code 7: stopped part-way", self.call(0, "explain", "7").stdout)
        self.assertIn("--allow drop-column", self.call(0, "explain", "drop-column").stdout)
        self.call(64, "explain", "LS9999")
        self.call(0, "plan", "--env", "prod", "-o", "p.json")
        self.assertIn("lock       ACCESS EXCLUSIVE on app.t\n", self.call(0, "explain", "s01", "--plan", "p.json").stdout)
        self.call(64, "explain", "s99", "--plan", "p.json")
