"""Every format that a command's help offers is one that all its documents have; any other is refused by name."""
import json
import re

from harness import Case

COMMANDS = (("plan",), ("check",), ("inspect",), ("status",), ("history",), ("verify",), ("compare",), ("backup", "list"),
            ("backup", "show"), ("identity", "show"), ("cache", "export"), ("cache", "import"))


class Formats(Case):
    def offered(self, *command):
        """(the names, the words of the help)"""
        found = re.search(r"--format FORMAT:\{([\w,]+)\}\s+(.*)", self.call(0, *command, "--help").stdout)
        return found.group(1).split(","), found.group(2).strip()

    def test_the_help_names_each(self):
        for command in COMMANDS:
            with self.subTest(command):
                names, words = self.offered(*command)
                self.assertEqual(names, re.findall(r"\w+", re.sub(r"\(.*?\)| or ", " ", words)))

    def test_another_is_refused_with_a_list(self):
        operands = {("backup", "show"): ["x"], ("compare",): ["a", "b"], ("cache", "export"): ["x"],
                    ("cache", "import"): ["x"]}
        for command in COMMANDS:
            with self.subTest(command):
                names, _ = self.offered(*command)
                error = self.call(64, *command, *operands.get(command, []), "--format", "pdf").stderr
                self.assertIn("pdf not in {" + ",".join(names) + "}", error)

    def test_every_document_has_every_format(self):
        self.apply(0, "one", "--yes")
        self.sql("INSERT INTO app.t (id, note) VALUES (1, 'x')")
        self.apply(0, "less", "--yes", "--allow", "all")
        run = json.loads(self.call(0, "history", "--url", self.url, "--format", "json").stdout)["runs"][0]["id"]
        url, files = ("--url", self.url), ("--schema", "less.schema")
        self.write("lockstep.yaml", "environments:\n  dev:\n    url: ${DEV}\n")
        self.call(0, "identity", "set", "--env", "dev", environment={"DEV": self.url})
        calls = {("plan",): [(*url, *files), (*url, "--schema", "two.schema")],
                 ("check",): [files, (*url, *files)],
                 ("inspect",): [url],
                 ("status",): [(*url, *files)],
                 ("history",): [url, (*url, run)],
                 ("verify",): [(*url, *files)],
                 ("compare",): [("less.schema", self.url)],
                 ("backup", "list"): [()],
                 ("backup", "show"): [(run,)],
                 ("identity", "show"): [(), url]}
        for command, variants in calls.items():
            names, _ = self.offered(*command)
            for arguments in variants:
                texts = {}
                for name in names:
                    with self.subTest((*command, *arguments[-1:], name)):
                        texts[name] = self.call(0, *command, *arguments, "--format", name).stdout
                        self.assertTrue(texts[name].strip())
                        if name == "json":
                            json.loads(texts[name])
                self.assertEqual(len(names), len(set(texts.values())), "two formats are the same")
                default = self.call(0, *command, *arguments).stdout
                self.assertEqual(texts[names[0]].splitlines()[0], default.splitlines()[0], "the first is the default")
