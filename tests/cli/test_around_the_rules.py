"""Ways round the rules of an environment: another URL, another upstream, files that git doesn't show, one's own key, one's own remote."""
import os
import stat
import subprocess

from harness import Case

ONE = "schema app { table t { id bigint not null primary key; note text; } }\n"
LESS = "schema app { table t { id bigint not null primary key; } }\n"
MORE = "schema app { table t { id bigint not null primary key; note text; } table evil { id bigint; } }\n"


class AroundTheRules(Case):
    def setUp(self):
        super().setUp()
        self.urls = {}
        self.databases = {}
        for name in ("dev", "staging", "prod"):
            self.databases[name], self.urls[name] = self.fresh(name)
        self.write("schemas/app.schema", ONE)

    def configure(self, rules, staging=None, more=""):
        self.write("lockstep.yaml", f"""schema: [schemas/]
{more}environments:
  dev: {{ url: "{self.urls['dev']}" }}
  staging: {{ url: "{staging or self.urls['staging']}", after: dev, gates: off }}
  prod: {{ url: "{self.urls['prod']}", gates: off, {rules} }}
""")

    def git(self, *arguments, folder=None):
        return subprocess.run(["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main", "-c",
                               "protocol.file.allow=always", *arguments], check=True, capture_output=True, text=True, cwd=folder or self.folder).stdout.strip()

    def commit(self):
        if not os.path.exists(self.path(".git")):
            self.git("init", "-q")
        self.git("add", "-A")
        self.git("commit", "-qm", "change", "--allow-empty")

    def to(self, code, env, *more, command="apply"):
        return self.call(code, command, "--env", env, "--yes", "--no-backup", *more)

    def test_a_url_leads_round_no_rule(self):
        for rules in ("after: staging", "require: { clean: true }", "protect: { drop: deny }", "confirm: name"):
            with self.subTest(rules=rules):
                self.databases["prod"], self.urls["prod"] = self.fresh("prod")
                if os.path.exists(self.path("lockstep.lock")):
                    os.remove(self.path("lockstep.lock"))
                self.write("schemas/app.schema", ONE)
                self.configure("quiet: 1s")
                self.to(0, "prod")
                self.configure(rules)
                self.write("schemas/app.schema", LESS)
                url = ("--url", self.urls["prod"])
                said = self.call(3, "apply", *url, "--yes", "--allow", "all", "--no-backup").stderr
                self.assertIn(f"this database is environment prod (lockstep.lock), which has `{rules.split(':')[0]}:`", said)
                self.assertIn("Use --env prod", said)
                self.call(3, "rollback", *url, "--yes", "--allow", "all", "--no-backup")
                self.call(3, "clone-schema", self.urls["dev"], self.urls["prod"], "--yes", "--allow", "all")
                self.call(3, "clone-schema", self.urls["dev"], self.urls["prod"], "--yes", "--dry-run")
                self.call(0, "identity", "rebind", *url, "--reason", "to have another id")
                self.assertIn("is environment prod", self.call(3, "apply", *url, "--yes", "--allow", "all", "--no-backup").stderr)
                self.call(0, "plan", *url)
                self.call(0, "status", *url)
        self.configure("quiet: 1s")  # without rules the URL is one way of many to name it
        self.call(0, "apply", "--url", self.urls["prod"], "--yes", "--allow", "all", "--no-backup")

    def test_upstream_is_the_pinned_database(self):
        self.configure("after: staging")
        self.to(0, "dev")
        self.to(0, "staging")
        self.to(0, "prod")
        self.write("schemas/app.schema", MORE)
        self.to(0, "dev")
        self.configure("after: staging", staging=self.urls["dev"])
        said = self.to(3, "prod").stderr
        self.assertIn("environment prod comes after staging (`after:`): wrong target: staging points at the database known as dev", said)
        self.configure("after: staging", staging=self.fresh("other")[1])
        self.assertIn("wrong target: staging points at", self.to(3, "prod").stderr)

    def test_upstream_that_drifted_is_no_evidence(self):
        self.configure("after: staging")
        self.to(0, "dev")
        self.to(0, "staging")
        self.sql("ALTER TABLE app.t DROP COLUMN note", self.databases["staging"])
        self.assertIn("drifted since it was verified", self.to(3, "prod").stderr)
        self.to(0, "prod", "--force-promotion", "--reason", "it burns")

    def test_files_that_git_does_not_show(self):
        self.configure("require: { clean: true }")
        self.write(".gitignore", "*.local.schema\nbackups/\n")
        self.commit()
        self.to(0, "prod")
        self.write("schemas/m.local.schema", "schema app { table evil { id bigint; } }\n")
        self.assertIn("schemas/m.local.schema is not in the commit", self.to(3, "prod").stderr)
        os.remove(self.path("schemas/m.local.schema"))
        for hide, show in (("--skip-worktree", "--no-skip-worktree"), ("--assume-unchanged", "--no-assume-unchanged")):
            self.git("update-index", hide, "schemas/app.schema")
            self.write("schemas/app.schema", MORE)
            self.assertIn("schemas/app.schema differs from the commit", self.to(3, "prod").stderr)
            self.write("schemas/app.schema", ONE)
            self.git("update-index", show, "schemas/app.schema")
        other = self.fresh_repository()
        self.write("schemas/app.schema", MORE)
        self.git("config", "core.worktree", other)
        self.assertIn("is outside of the repository", self.to(3, "prod").stderr)
        self.git("config", "--unset", "core.worktree")
        self.write("schemas/app.schema", ONE.replace("\n", "\r\n"))  # how lines end is a matter of checkouts
        self.git("update-index", "--assume-unchanged", "schemas/app.schema")
        self.to(0, "prod")

    def fresh_repository(self):
        folder = self.path("../clean")
        self.git("clone", "-q", self.folder, folder)
        self.addCleanup(subprocess.run, ["rm", "-rf", folder], check=False)
        return os.path.abspath(folder)

    def test_submodules_and_files_of_elsewhere(self):
        inner = self.path("../inner")
        os.mkdir(inner)
        self.addCleanup(subprocess.run, ["rm", "-rf", inner], check=False)
        with open(os.path.join(inner, "u.schema"), "w", encoding="utf-8") as stream:
            stream.write("schema app { table u { id bigint; } }\n")
        self.git("init", "-q", folder=inner)
        self.git("add", "-A", folder=inner)
        self.git("commit", "-qm", "u", folder=inner)
        self.configure("require: { clean: true }")
        self.commit()
        self.git("submodule", "add", "-q", inner, "schemas/sub")
        self.git("config", "-f", ".gitmodules", "submodule.schemas/sub.ignore", "all")
        self.commit()
        self.write("schemas/sub/u.schema", "schema app { table u { id bigint; evil text; } }\n")
        self.assertEqual("", self.git("status", "--porcelain"))
        self.assertIn("schemas/sub/u.schema is not in the commit", self.to(3, "prod", "--schema", "schemas/app.schema", "--schema", "schemas/sub/u.schema").stderr)
        elsewhere = os.path.join(inner, "u.schema")
        for rules in ("require: { clean: true }", "require: { branch: main }"):
            self.configure(rules)
            self.commit()
            self.assertIn("u.schema is outside of the repository", self.to(3, "prod", "--schema", elsewhere).stderr)

    def test_a_key_beside_the_reviewed_ones(self):
        self.configure("require: { approval: 1 }", more="approvers: approvers\n")
        self.commit()
        self.call(0, "plan", "--env", "prod", "-o", "p.json")
        self.call(0, "key", "mal", "-o", ".")
        self.write(".git/info/exclude", "approvers/\n*.key\np.json*\n")
        self.call(0, "approve", "p.json", "--env", "prod", "--key", "mal.key")
        said = self.call(3, "apply", "p.json", "--env", "prod", "--yes", "--no-backup").stderr
        self.assertIn("those of mal don't", said)
        self.assertIn("committed as it stands", said)
        self.git("add", "-f", "approvers/mal.pub")
        self.git("commit", "-qm", "mal reviews")
        self.call(0, "apply", "p.json", "--env", "prod", "--yes", "--no-backup")

    def test_the_remote_repository_is_another_one(self):
        self.configure("require: { up_to_date: true }")
        self.commit()
        origin = self.path("../origin.git")
        self.addCleanup(subprocess.run, ["rm", "-rf", origin], check=False)
        self.git("init", "-q", "--bare", origin)
        self.git("remote", "add", "origin", origin)
        self.git("push", "-q", "origin", "main")
        self.to(0, "prod")
        self.git("add", "-A")
        self.git("commit", "-qm", "not pushed", "--allow-empty")
        said = self.to(3, "prod").stderr
        self.assertIn("pull, or push", said)
        self.assertIn("origin.git", said)
        self.git("config", "remote.origin.url", "https://ada:s3cret@127.0.0.1:1/x.git")
        said = self.to(3, "prod").stderr
        self.assertIn("https://127.0.0.1:1/x.git could not be asked", said)
        self.assertNotIn("s3cret", said)
        self.git("config", "remote.origin.url", origin)
        for key, value in (("remote.origin.url", "."), ("branch.main.remote", "."), (f"url.{self.folder}/.insteadOf", origin)):
            with self.subTest(key=key):
                before = subprocess.run(["git", "config", "--get", key], capture_output=True, text=True, cwd=self.folder).stdout.strip()
                self.git("config", key, value)
                self.assertIn("its remote repository is this one", self.to(3, "prod").stderr)
                self.git("config", "--unset", key) if not before else self.git("config", key, before)

    def test_programs_come_from_outside_of_the_project(self):
        self.write("bin/postgres", "#!/bin/sh\ntouch seen\n")
        os.chmod(self.path("bin/postgres"), stat.S_IRWXU)
        for folder in ("bin", "./bin", self.path("bin")):
            self.configure("quiet: 1s", more=f"postgres: {{ bindirs: [\"{folder}\"] }}\n")
            for command in (("plan", "--env", "prod"), ("check", "--env", "prod"), ("plan", "--from", "schemas", "--to", "schemas")):
                self.assertIn("is no folder outside of the project", self.call(64, *command).stderr)
        self.assertFalse(os.path.exists(self.path("seen")))
