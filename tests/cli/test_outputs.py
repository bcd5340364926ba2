"""Names, bodies and messages that somebody else wrote: no output takes them for more than text."""
import json
import re

from harness import Case

ESC, BIDI, ZERO = "\x1b[31m\x1b]0;x\x07", "\u202e", "\u200b"
NAMES = (f"a{ESC}b", "a\rb", "a\nb\n::error title=x::owned", "a\x08b", f"a{BIDI}b", f"a{ZERO}b", "a\u0085b", "a\u2066b\ufeff", "\U000e0041x",
         "::error::x", "##vso[task.setvariable variable=x]y", "`x` | </details> <img src=x> @someone #1 [a](https://b) www.c.d",
         "x*/ y; -- z", "a\\|b`<img src=y>`")
HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]")


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


class Outputs(Case):
    def setUp(self):
        super().setUp()
        self.sql("CREATE SCHEMA app;" + "".join(
            f"CREATE TABLE app.{quoted(n)} (id int, {quoted(n)} text DEFAULT {self.literal(n)});"
            f"COMMENT ON TABLE app.{quoted(n)} IS {self.literal(n)};" for n in NAMES))
        self.write("less.schema", "schema app {\n}\n")
        self.write("names.sql", "create schema app;\n" + "".join(f"create table app.{quoted(n)} (id int, {quoted(n)} text);\n" for n in NAMES))

    @staticmethod
    def literal(text):
        return "'" + text.replace("'", "''") + "'"

    def harmless(self, text, where):
        self.assertIsNone(HARMFUL.search(text), (where, HARMFUL.search(text) and text[max(0, HARMFUL.search(text).start() - 40):][:80]))
        for line in text.splitlines():
            self.assertNotRegex(line, r"^\s*::[a-z]+.*::", where)
            self.assertNotRegex(line, r"##[a-z]*\[", where)

    def test_every_output(self):
        empty, empty_url = self.fresh("other")
        calls = (("plan", "--url", self.url, "--schema", "less.schema"), ("plan", "-v", "--url", self.url, "--schema", "less.schema"),
                 ("plan", "--url", empty_url, "--schema", "names.sql"), ("plan", "-v", "--url", empty_url, "--schema", "names.sql"),
                 ("plan", "--format", "markdown", "--url", self.url, "--schema", "less.schema"),
                 ("plan", "--format", "markdown", "--url", empty_url, "--schema", "names.sql"),
                 ("plan", "--format", "json", "--url", self.url, "--schema", "less.schema"),
                 ("compare", "less.schema", self.url), ("compare", "--format", "json", "less.schema", self.url),
                 ("apply", "--yes", "--url", self.url, "--schema", "less.schema"),
                 ("apply", "--yes", "--log-format", "json", "--url", self.url, "--schema", "less.schema"),
                 ("apply", "--yes", "-v", "--allow", "all", "--url", self.url, "--schema", "less.schema"),
                 ("status", "--url", self.url, "--schema", "names.sql"), ("verify", "--url", self.url, "--schema", "names.sql"),
                 ("history", "--url", self.url), ("backup", "list"))
        for call in calls:
            with self.subTest(call[:3]):
                done = self.call_any(*call)
                self.assertNotIn("internal error", done.stderr)
                self.harmless(done.stdout, call)
                self.harmless(done.stderr, call)

    def test_json_is_the_same_json(self):
        done = self.call(0, "plan", "--format", "json", "--url", self.url, "--schema", "less.schema", "-o", "plan.json")
        self.assertEqual(json.loads(self.read("plan.json")), json.loads(done.stdout))
        self.assertTrue(any(n in json.dumps(json.loads(self.read("plan.json")), ensure_ascii=False) for n in (BIDI, ZERO)))

    def test_markdown(self):
        text = self.call(0, "plan", "--format", "markdown", "--url", self.url, "--schema", "less.schema").stdout
        outside = re.sub(r"(?ms)^(`{3,})(?:sql|diff)?$.*?^\1$", "", text)
        outside = re.sub(r"`[^`\n]*`", "", outside)
        for part in ("<img", "</details> <", "@someone", "](https:"):
            self.assertNotIn(part, outside)
        self.assertEqual(1, text.count("\n</details>\n"))
        # A name with a | in it makes no column more: each table's rows are as wide as its head.
        rows = 0
        for table in re.findall(r"(?m)^(?:\|.*\n)+", outside):
            lines = table.splitlines()
            rows += len(lines) - 2
            self.assertEqual(1, len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}), table)
        self.assertGreater(rows, len(NAMES))

    def test_sql_can_be_run(self):
        """What is code is exact, and what is a comment ends no line early."""
        empty, empty_url = self.fresh("other")
        text = self.call_any("plan", "--format", "sql", "--url", empty_url, "--schema", "names.sql").stdout
        self.sql(text, empty)
        self.assertEqual(str(len(NAMES)), self.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'app'", empty).strip())
        self.call(0, "plan", "--detailed-exitcode", "--url", empty_url, "--schema", "names.sql")

    def test_what_is_inspected_can_be_read(self):
        text = self.call(0, "inspect", "--url", self.url, "-o", "live.schema")
        self.call(0, "plan", "--detailed-exitcode", "--url", self.url, "--schema", "live.schema")

    def test_diagnostics(self):
        self.write("bad.schema", f"schema app {{\n  table t {{ id \"no{ESC}{BIDI}type\"; }}\n}}\n")
        self.write("bad.sql", f"create table t (id \"no{ESC}{BIDI}\n::error::type\");\n\\bad{ESC}\n")
        for name in ("bad.schema", "bad.sql"):
            self.harmless(self.call(64, "check", "--schema", name).stderr, name)
            self.harmless(self.call(64, "check", "--format", "json", "--schema", name).stdout, name)

    def test_messages_of_the_server(self):
        self.sql(f"CREATE FUNCTION app.f() RETURNS int LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION E'x\\n::error::{ESC}{BIDI}'"
                 f" USING DETAIL = E'\\x1b[2J\\n##[error]', HINT = E'\\r\\x08'; END$$; CREATE TABLE app.u (id int);"
                 f"INSERT INTO app.u VALUES (1); CREATE FUNCTION app.g() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM app.f(); RETURN NEW; END$$;"
                 f"CREATE TRIGGER g BEFORE UPDATE ON app.u FOR EACH ROW EXECUTE FUNCTION app.g()")
        self.call(0, "inspect", "--url", self.url, "-o", "live.schema")
        text = self.read("live.schema")
        at = text.index("table u {") + len("table u {")
        self.write("live.schema", text[:at] + "\n    added text not null backfill ('x');" + text[at:])
        for more in ((), ("--log-format", "json")):
            done = self.call_any("apply", "--url", self.url, "--schema", "live.schema", "--yes", "--allow", "all", *more)
            self.assertNotEqual(0, done.returncode)
            self.harmless(done.stdout + done.stderr, more)
            self.call_any("resolve", "--abandon", "--reason", "a test", "--yes", "--url", self.url)


class Words(Case):
    """What is said to whoever mistypes, or lacks a grant."""

    def test_unknown_command(self):
        error = self.call(64, "plann").stderr
        self.assertIn('"plann" is no command; did you mean "plan"?', error)
        self.assertIn("verify", error)
        self.assertIn("which command?", self.call(64).stderr)
        self.assertIn("--nonsuch", self.call(64, "--nonsuch").stderr)

    def test_errors_under_json_log(self):
        for arguments in (("plann",), ("plan", "--nonsuch"), ("plan",), ("check", "--schema", "wrong.schema"),
                          ("plan", "--url", "host=/nonsuch", "--schema", "one.schema")):
            with self.subTest(arguments):
                done = self.call_any(*arguments, "--log-format", "json")
                lines = [json.loads(line) for line in done.stderr.splitlines()]
                self.assertEqual("error", lines[-1]["level"])
                self.assertEqual(done.returncode, lines[-1]["exit_code"])
        self.assertRegex([json.loads(line) for line in self.call(64, "check", "--schema", "wrong.schema", "--log-format", "json")
                          .stderr.splitlines()][0]["place"], r"wrong.schema:2:\d+")

    def test_a_plan_says_which_version_made_it(self):
        version = self.call(0, "--version").stdout.split()[1]
        plan = json.loads(self.call(0, "plan", "--url", self.url, "--schema", "one.schema", "--format", "json").stdout)
        self.assertEqual(version, plan["tool_version"])

    def test_the_missing_grant(self):
        self.apply(0, "one", "--yes")
        self.sql("CREATE ROLE lockstep_test_reader LOGIN")
        self.addCleanup(self.sql, "DROP OWNED BY lockstep_test_reader; DROP ROLE lockstep_test_reader")
        url = self.url.replace("user=postgres", "user=lockstep_test_reader")
        self.assertIn("GRANT USAGE ON SCHEMA lockstep", self.call_any("history", "--url", url).stderr)
