"""A saved plan that somebody edits: no field of it can be changed without being noticed, those for people included; and whoever makes
its sums fit again has lost the approval, which covers the file's bytes."""
import copy
import hashlib
import json
import os

from harness import Case

ONE = "schema app {\n  table t { id bigint not null primary key; note text; gone text; }\n}\n"
TWO = ("schema app {\n  table t { id bigint not null primary key; note varchar(20); amount integer not null backfill (7); index on (note); }\n"
       "  function f() returns integer language sql as $$ select 1 $$;\n}\n")
YAML = """schema: [app.schema]
approvers: approvers
environments:
  prod:
    url: "%s"
    require: { approval: 1 }
"""


def leaves(value, path=()):
    """The way to each value that holds no other; of a list, the first of each form."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, path + (key,))
    elif isinstance(value, list):
        for at, one in enumerate(value):
            yield from leaves(one, path + (at,))
    else:
        yield path


def edited(document, path):
    document = copy.deepcopy(document)
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    value = holder[path[-1]]
    holder[path[-1]] = not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else value + "x" if isinstance(value, str) else "x"
    return document


def checksum(document):
    rest = {key: value for key, value in document.items() if key != "checksum"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


class EditedPlan(Case):
    def setUp(self):
        super().setUp()
        for name in os.listdir(self.folder):
            os.remove(self.path(name))
        self.write("app.schema", ONE)
        self.call(0, "apply", "--url", self.url, "--schema", "app.schema", "--yes")
        self.sql("INSERT INTO app.t VALUES (1, 'a', 'b')")
        self.write("lockstep.yaml", YAML % self.url)
        self.write("app.schema", TWO)
        self.call(0, "key", "ada", "-o", "keys")
        self.call(0, "plan", "--env", "prod", "-o", "p.json")
        self.call(0, "approve", "p.json", "--env", "prod", "--key", "keys/ada.key")
        self.plan = json.loads(self.read("p.json"))

    def tried(self, document):
        self.write("p.json", json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return self.call_any("apply", "p.json", "--env", "prod", "--yes", "--allow", "all", "--no-backup", "--phase", "contract")

    def test_each_field(self):
        self.assertEqual(self.plan["checksum"], checksum(self.plan))
        seen = {}
        for path in leaves(self.plan):
            seen.setdefault(tuple("*" if isinstance(key, int) else key for key in path), path)
        for words in (("notes",), ("steps", "*", "title"), ("changes", "*", "detail"), ("values", "*", "how"), ("steps", "*", "losses", "*", "what")):
            self.assertTrue(any(path[:len(words)] == words for path in seen), words)
        for form, path in seen.items():
            with self.subTest(form):
                document = edited(self.plan, path)
                done = self.tried(document)
                self.assertIn(done.returncode, (3, 8, 64), done.stderr)
                if path == ("checksum",):
                    continue
                document["checksum"] = checksum(document)
                done = self.tried(document)
                self.assertNotEqual(0, done.returncode)
                if form[0] in ("notes", "changes", "values") or form[-1] in ("title", "source"):
                    self.assertEqual(3, done.returncode, done.stderr)
                    self.assertIn("those of ada don't: the plan file was changed after it", done.stderr)
        self.assertEqual("1", self.sql("SELECT count(*) FROM app.t WHERE gone = 'b'").strip())

    def test_what_is_added_left_out_or_said_twice(self):
        text = self.read("p.json")
        for label, document in (("added", dict(self.plan, more="x")), ("no notes", {k: v for k, v in self.plan.items() if k != "notes"}),
                                ("fewer", dict(self.plan, changes=self.plan["changes"][1:]))):
            with self.subTest(label):
                self.assertIn(self.tried(document).returncode, (3, 8, 64))
                document["checksum"] = checksum(document)
                self.assertIn(self.tried(document).returncode, (3, 8, 64))
        self.write("p.json", text.replace('"notes": [', '"notes": ["another"],\n  "notes": [', 1))
        done = self.call_any("apply", "p.json", "--env", "prod", "--yes", "--allow", "all", "--no-backup")
        self.assertIn(done.returncode, (3, 8, 64))
        self.write("p.json", text + "\n")  # the same plan; other bytes, which nobody has approved
        self.assertEqual(3, self.call_any("apply", "p.json", "--env", "prod", "--yes", "--allow", "all", "--no-backup").returncode)
        self.write("p.json", text)
        self.call(0, "apply", "p.json", "--env", "prod", "--yes", "--allow", "all", "--no-backup", "--phase", "contract")
