"""The checklist at the end of a plan for people, and of `deploy`: each box says what is so, and an open one what is missing."""
import os
import subprocess

from harness import Case

ONE = "schema app { table t { id bigint not null primary key; note text; } }\n"
TWO = "schema app { table t { id bigint not null primary key; memo text renamed from note; } }\n"
YAML = """schema: [schemas/]
environments:
  dev: { url: "%s" }
  prod:
    url: "%s"
    after: dev
    backup: { also: ["echo snapshot"] }
    require: { branch: main, clean: true, approval: 1 }
"""


class Checklist(Case):
    def setUp(self):
        super().setUp()
        _, self.dev = self.fresh("dev")
        for name in os.listdir(self.folder):
            os.remove(self.path(name))
        self.write("lockstep.yaml", YAML % (self.dev, self.url))
        self.write("schemas/app.schema", ONE)
        self.write(".gitignore", "keys/\np.json*\nbackups/\n")
        self.git("init", "-q")
        os.mkdir(self.path("keys"))
        self.call(0, "key", "ada", "-o", "keys")
        self.commit()

    def git(self, *arguments):
        return subprocess.run(["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main", *arguments], check=True,
                              capture_output=True, text=True, cwd=self.folder).stdout.strip()

    def commit(self):
        self.git("add", ".")
        self.git("commit", "-qm", "next")

    def boxes(self, form="markdown"):
        text = self.call(0, "plan", "--env", "prod", "--format", form).stdout
        self.assertEqual(text, self.call(0, "plan", "--env", "prod", "--format", form).stdout)
        return text

    def deploy(self, code):
        self.call(0, "plan", "--env", "prod", "-o", "p.json")
        self.call(0, "approve", "p.json", "--env", "prod", "--key", self.path("keys/ada.key"))
        return self.call(code, "deploy", "p.json", "--env", "prod", "--yes", "--allow", "breaking")

    def test_what_is_missing_and_then_there(self):
        self.write("schemas/more.schema", "schema app { table u { id integer; } }\n")
        said = self.boxes()
        for box in ("- [ ] lockstep.lock doesn't know the database of prod yet", "- [x] the plan was tried on a scratch copy", "- [x] no hazard asks for consent",
                    "- [x] no stored value is lost", "- [ ] before any change the run makes another backup: echo snapshot",
                    "- [x] no step keeps others waiting", "not committed", "- [ ] approved by 0 of 1", "- [ ] environment prod comes after dev"):
            self.assertIn(box, said.replace("\\", ""))
        os.remove(self.path("schemas/more.schema"))
        self.call(0, "apply", "--env", "dev", "--yes", "--no-backup")
        self.commit()
        said = self.boxes().replace("\\", "")
        for box in ("- [x] the files are the reviewed commit: branch main, clean", "- [x] the same declarations were applied and verified in dev"):
            self.assertIn(box, said)
        told = self.deploy(0)
        self.assertIn("Checklist\n  [ ] lockstep.lock doesn't know", told.stdout)
        self.assertIn("  [x] approved by 1 of 1: ada\n", told.stdout)

    def test_hazards_gate_and_losses(self):
        self.call(0, "apply", "--env", "dev", "--yes", "--no-backup")
        self.deploy(0)
        self.write("schemas/app.schema", TWO)
        said = self.boxes().replace("\\", "")
        self.assertIn("to consent to: breaking of app.t.memo", said)
        self.assertIn("the run stops before contract (s", said)
        self.assertIn("- [x] the database is the one that lockstep.lock knows as prod", said)
        self.write("schemas/app.schema", "schema app { table t { id bigint not null primary key; } }\n")
        self.assertIn("- [x] saved before it goes: app.t.note", self.boxes().replace("\\", ""))
        self.assertIn('☑ saved before it goes: app.t.note', self.boxes("html"))

    def test_names_are_escaped(self):
        hostile = "<script>x</script>|`](x)"
        self.sql(f'CREATE SCHEMA app; CREATE TABLE app.t (id bigint PRIMARY KEY, note text, "{hostile}" text)')
        self.assertNotIn("<script>", self.boxes().rpartition("#### Checklist")[2])  # above it are blocks of SQL
        self.assertNotIn("<script>", self.boxes("html"))

    def test_a_url_has_no_environment(self):
        said = self.call(0, "plan", "--url", self.url, "--format", "markdown").stdout
        self.assertIn("#### Checklist", said)
        self.assertNotIn("approved", said)
        self.assertNotIn("Checklist", self.call(0, "plan", "--url", self.url).stdout)


if __name__ == "__main__":
    import unittest
    unittest.main()
