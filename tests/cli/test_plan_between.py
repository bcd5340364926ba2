"""plan --from --to: what changes between two states of the files, without a database."""
import json
import os
import subprocess

from harness import Case

MAIN = """schema shop {
  table customers { id bigint not null primary key; name text; fax text; }
}
"""
BRANCH = """schema shop {
  table customers { id bigint not null primary key; name text not null default ''; country char(2); index by_country on (country); }
}
"""


class Between(Case):
    def setUp(self):
        super().setUp()
        for name in ("one", "two", "less", "wrong"):
            os.remove(self.path(name + ".schema"))
        self.write("lockstep.yaml", "schema: [schemas/]\n")
        self.write("schemas/shop.schema", MAIN)
        self.write("schemas/more.schema", "schema more { table extra { id bigint; } }\n")
        self.git("init", "-q", "-b", "main")
        self.git("add", "-A")
        self.git("commit", "-qm", "main")
        self.git("checkout", "-q", "-b", "change")
        self.write("schemas/shop.schema", BRANCH)

    def git(self, *arguments):
        subprocess.run(["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *arguments], cwd=self.folder, check=True,
                       stdout=subprocess.DEVNULL)

    def between(self, code, source, target, *more):
        return self.call(code, "plan", "--from", source, "--to", target, *more)

    def document(self, source, target, *more):
        return json.loads(self.between(0, source, target, "--format", "json", *more).stdout)

    def test_a_branch_in_all_formats(self):
        done = self.between(0, "git:main", ".")
        self.assertIn("Plan between two states of the files", done.stdout)
        self.assertIn("schemas/shop.schema:2", done.stdout)
        self.assertIn("from git:main (commit ", done.stdout)
        self.assertIn("no database was asked", " ".join(done.stdout.split()))
        self.assertIn("CREATE INDEX CONCURRENTLY", done.stdout)  # as for a large table
        self.assertNotIn("TB", done.stdout)
        self.assertIn("proved", done.stdout)
        for form in ("sql", "json", "markdown"):
            self.assertIn("country", self.between(0, "git:main", ".", "--format", form).stdout)
        self.between(2, "git:main", ".", "--detailed-exitcode")
        markdown = self.between(0, "git:main", ".", "--format", "markdown").stdout
        self.assertEqual(markdown, self.between(0, "git:main", ".", "--format", "markdown").stdout)
        self.assertNotIn("lockstep_revision", markdown)
        self.assertEqual("", subprocess.run(["git", "status", "--porcelain", "--", "schemas/more.schema"], cwd=self.folder, check=True,
                                            capture_output=True, text=True).stdout)

    def test_a_path_is_one_of_the_project(self):
        """Not of the repository, as in git: the message says what to write."""
        self.write("db/lockstep.yaml", "schema: [inc/]\n")
        self.write("db/inc/a.schema", MAIN)
        self.git("add", "-A")
        self.git("commit", "-qm", "db")
        folder = self.path("db")
        said = self.call_any("plan", "--from", "git:HEAD:db/inc", "--to", ".", folder=folder)
        self.assertEqual(64, said.returncode)
        self.assertIn("the path is one below db/, the project's folder in the repository: write git:HEAD:inc", said.stderr)
        self.assertEqual(0, self.call_any("plan", "--from", "git:HEAD:inc", "--to", ".", folder=folder).returncode)
        said = self.call_any("plan", "--from", "git:HEAD:other", "--to", ".", folder=folder)
        self.assertNotIn("write git", said.stderr)

    def test_no_command_takes_consents_for_it(self):
        self.write("schemas/shop.schema", MAIN.replace(" fax text;", ""))
        for form in ("text", "markdown", "html"):
            said = self.between(0, "git:main", ".", "--format", form).stdout
            self.assertIn("drop-column", said)
            self.assertNotIn("give", said.replace("given", ""))

    def test_back_and_offline(self):
        back = self.document(".", "git:main")
        self.assertIn("column shop.customers.fax", [one["object"] for one in back["changes"] if one["sign"] == "+"])
        sources = [one.get("source", "") for one in back["changes"]]
        self.assertTrue(any(one.startswith("git:main:schemas/shop.schema:") for one in sources), sources)
        self.assertNotIn("CONCURRENTLY", self.between(0, "git:main", ".", "--offline").stdout)
        self.between(64, "git:main", ".", "--offline", "--online")

    def test_no_difference(self):
        self.git("stash", "-q")
        done = self.between(0, "git:main", ".", "--detailed-exitcode")
        self.assertIn("Nothing to do: both states of the files declare the same.", done.stdout)

    def test_a_file_that_the_branch_deleted_and_one_that_it_added(self):
        os.remove(self.path("schemas/more.schema"))
        self.write("schemas/shop.schema", BRANCH + "schema added { table t { id bigint; } }\n")
        self.git("commit", "-qam", "change")
        objects = {one["object"]: one["sign"] for one in self.document("git:main", "git:change")["changes"]}
        self.assertEqual("+", objects["schema added"])
        self.assertNotIn("table more.extra", objects)  # a schema that no file declares is left alone
        self.write("lockstep.yaml", "schema: [schemas/shop.schema, schemas/new.schema]\n")
        self.write("schemas/new.schema", "schema fresh { table t { id bigint; } }\n")
        document = self.document("git:main", ".")
        self.assertIn("schema fresh", [one["object"] for one in document["changes"]])
        self.assertTrue(any("has no schemas/new.schema" in note for note in document["notes"]), document["notes"])

    def test_one_path_of_a_commit(self):
        document = self.document("git:main:schemas/shop.schema", "schemas/shop.schema")
        self.assertIn("column shop.customers.country", [one["object"] for one in document["changes"]])

    def test_hostile_names_of_commits_and_paths(self):
        for ref in ("git:--output=x", "git:", "git:-c", "git::schemas", "git:nosuch", "git:main;touch x", "git:$(touch x)",
                    "git:main:/etc", "git:main:../x", "git:main:a/../../x", "git:main:", "git:main\n", "git:--git-dir=/tmp"):
            done = self.between(64, ref, ".")
            self.assertTrue(done.stderr.startswith("lockstep: git:"), done.stderr)
            self.between(64, ".", ref)
        self.assertEqual({"lockstep.yaml", "schemas", ".git"}, set(os.listdir(self.folder)))

    def test_links_at_a_commit_are_not_followed(self):
        os.symlink("/etc/passwd", self.path("schemas/secret.sql"))
        self.git("add", "-A")
        self.git("commit", "-qm", "link")
        done = self.between(64, "git:change", ".")
        self.assertIn("schemas/secret.sql is a link", done.stderr)
        self.assertNotIn("root:", done.stdout + done.stderr)

    def test_an_error_in_a_file_of_a_commit(self):
        self.write("schemas/shop.schema", "schema shop { table t { id txt; } }\n")
        self.git("commit", "-qam", "wrong")
        done = self.between(64, "git:main", "git:change")
        self.assertIn("git:change:schemas/shop.schema:1:", done.stderr)
        self.assertNotIn("lockstep_revision", done.stderr)

    def test_it_is_for_no_database(self):
        self.between(64, "git:main", ".", "--url", self.url)
        self.assertIn("can't be saved", self.between(64, "git:main", ".", "-o", "plan.json").stderr)
        self.between(64, "git:main", ".", "--only", "shop.customers")
        self.between(64, "git:main", ".", "--schema", "schemas/")
        self.call(64, "plan", "--from", "git:main")
        self.call(64, "plan", "--to", ".")
        self.call(64, "plan", "--offline", "--url", self.url)
        self.write("plan.json", self.between(0, "git:main", ".", "--format", "json").stdout)
        done = self.call(4, "apply", "plan.json", "--url", self.url, "--yes", "--allow", "all")
        self.assertIn("nothing was changed", done.stderr.lower())

    def test_rules_of_an_environment(self):
        self.write("lockstep.yaml", "schema: [schemas/]\nenvironments:\n  prod: { url: \"${UNSET}\", protect: { drop: deny } }\n")
        done = self.between(3, "git:main", ".", "--env", "prod")
        self.assertIn("column shop.customers.fax", done.stdout)

    def test_a_rename_and_a_type(self):
        self.write("schemas/shop.schema", "schema shop {\n  table buyers renamed from customers { id bigint not null primary key; name varchar(9); "
                   "fax text; }\n}\n")
        document = self.document("git:main", ".")
        self.assertIn(">", [one["sign"] for one in document["changes"]])
        self.assertTrue(document["proved"], document["notes"])
