"""dev first, then staging, then production: `after:`, `require:`, `confirm: name`, what a run says of where it came from; and `deploy`."""
import json
import os
import subprocess

from harness import Case

ONE = "schema app { table t { id bigint not null primary key; note text; } }\n"
TWO = "-- a comment\nschema app {\n  table t { id bigint not null primary key; note text; more text; }\n}\n"
YAML = """schema: [schemas/]
environments:
  dev:
    url: "{dev}"
  staging:
    url: "{staging}"
    after: dev
    gates: off
  prod:
    url: "{prod}"
    after: staging
    gates: {gates}
{more}
"""


class Promotion(Case):
    def setUp(self):
        super().setUp()
        self.urls = {}
        for name in ("dev", "staging", "prod"):
            _, self.urls[name] = self.fresh(name)
        os.mkdir(self.path("schemas"))
        self.configure()
        self.write("schemas/app.schema", ONE)

    def configure(self, more="", gates="off", **urls):
        self.write("lockstep.yaml", YAML.format(**{**self.urls, **urls}, more=more, gates=gates))

    def to(self, code, env, *more, command="apply"):
        return self.call(code, command, "--env", env, "--yes", "--no-backup", *more)

    def git(self, *arguments, folder=None):
        return subprocess.run(["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main", *arguments], check=True,
                              capture_output=True, text=True, cwd=folder or self.folder).stdout.strip()

    def history(self, env):
        return json.loads(self.call(0, "history", "--env", env, "--format", "json").stdout)["runs"]

    def test_the_order_of_environments(self):
        said = self.to(3, "prod").stderr
        self.assertIn("environment prod comes after staging (`after:`): these declarations were never applied there", said)
        self.assertIn("lockstep apply --env staging", said)
        self.to(3, "staging")
        self.to(0, "dev")
        self.to(0, "staging")
        self.to(0, "prod")
        self.assertIn("staging: run", self.history("prod")[0]["provenance"]["promoted_by"])
        # The same declarations in another layout, with a comment, and in two files.
        self.write("schemas/app.schema", "-- why\nschema app { table t {\n id bigint not null primary key;\n  note text; } }\n")
        self.to(0, "prod")
        # Other ones.
        self.write("schemas/app.schema", TWO)
        self.to(3, "prod")
        self.to(0, "dev")
        self.to(3, "prod")
        self.to(0, "staging")
        self.to(0, "prod")

    def test_what_was_rolled_back_upstream_is_no_evidence(self):
        for env in ("dev", "staging"):
            self.to(0, env)
        self.write("schemas/app.schema", TWO)
        self.to(0, "dev")
        self.to(0, "staging")
        self.call(0, "rollback", "--env", "staging", "--yes", "--allow", "all", "--no-backup")
        self.assertIn("never applied", self.to(3, "prod").stderr)

    def test_no_further_than_upstream(self):
        self.configure(gates="on")
        for env in ("dev", "staging", "prod"):
            self.to(0, env)
        self.write("schemas/app.schema", "schema app { table t { id bigint not null primary key; memo text renamed from note; } }\n")
        self.to(6, "dev", "--phase", "migrate", "--allow", "all")
        self.assertIn("waits at the gate before phase contract", self.to(3, "staging", "--phase", "contract", "--allow", "all").stderr)
        self.to(6, "staging", "--phase", "migrate", "--allow", "all")
        self.to(6, "prod", "--allow", "all")
        self.assertIn("waits at the gate", self.to(3, "prod", "--phase", "contract").stderr)
        self.to(3, "staging", "--phase", "contract")
        self.to(0, "dev", "--phase", "contract")
        self.to(0, "staging", "--phase", "contract")
        self.to(0, "prod", "--phase", "contract")

    def test_forced(self):
        self.assertIn("belong together", self.to(64, "prod", "--force-promotion").stderr)
        self.assertIn("belong together", self.to(64, "prod", "--reason", "x").stderr)
        self.assertIn("nothing to force", self.to(64, "dev", "--force-promotion", "--reason", "x").stderr)
        self.to(0, "prod", "--force-promotion", "--reason", "hotfix 4711")
        self.assertEqual("hotfix 4711", self.history("prod")[0]["provenance"]["unpromoted"])
        self.assertIn("forced     hotfix 4711", self.call(0, "history", self.history("prod")[0]["id"], "--env", "prod").stdout)

    def test_an_upstream_that_cannot_be_asked(self):
        self.configure(staging="${NOT_SET_HERE}")
        self.assertIn("NOT_SET_HERE", self.to(3, "prod").stderr)

    def test_configuration(self):
        self.write("lockstep.yaml", "schema: [schemas/]\nenvironments:\n  a: { url: x, after: b }\n  b: { url: x, after: a }\n  c: { url: x, after: nobody }\n")
        said = self.call(64, "status").stderr
        self.assertIn('"a" comes after itself', said)
        self.assertIn('no environment "nobody"', said)

    def test_a_saved_plan_needs_its_files(self):
        self.configure()
        self.call(0, "plan", "--env", "prod", "-o", "p.json")
        self.assertIn("never applied", self.call(3, "apply", "p.json", "--env", "prod", "--yes", "--no-backup").stderr)
        self.to(0, "dev")
        self.to(0, "staging")
        self.call(0, "apply", "p.json", "--env", "prod", "--yes", "--no-backup")

    def test_the_reviewed_commit(self):
        self.configure(more="    require: { branch: main, clean: true, up_to_date: true }\n")
        self.to(0, "dev", "-m", "first")
        self.to(0, "staging")
        self.assertIn("no git repository", self.to(3, "prod").stderr)
        origin = self.path("origin.git")
        self.git("init", "-q", "--bare", origin)
        self.git("init", "-q")
        self.write(".gitignore", "origin.git\n")
        self.git("add", ".")
        self.git("commit", "-qm", "first")
        self.git("remote", "add", "origin", origin)
        self.assertIn("could not be asked", self.to(3, "prod").stderr)
        self.git("push", "-q", "origin", "main")
        self.write("schemas/more.schema", "schema app { table u { id integer; } }\n")
        self.assertIn("not committed", self.to(3, "prod").stderr)
        os.remove(self.path("schemas/more.schema"))
        self.git("checkout", "-qb", "side")
        self.assertIn("the branch must be main; HEAD is side", self.to(3, "prod").stderr)
        self.git("checkout", "-q", "main")
        self.git("commit", "-q", "--allow-empty", "-m", "second")
        self.assertIn("pull, or push", self.to(3, "prod").stderr)
        self.git("push", "-q", "origin", "main")
        self.to(0, "staging", "-m", "again")  # writes lockstep.lock
        self.to(0, "prod", "-m", "for ticket 5\nmore")
        run = self.history("prod")[0]["provenance"]
        self.assertEqual((self.git("rev-parse", "HEAD"), "main", "Ada <ada@example.org>", True, "for ticket 5\nmore"),
                         (run["commit"], run["branch"], run["author"], run["clean"], run["message"]))
        self.assertIn("for ticket 5", self.call(0, "history", "--env", "prod").stdout)
        # A way back is for the night: it asks nothing of the repository.
        self.git("checkout", "-q", "side")
        self.call(0, "rollback", "--env", "prod", "--yes", "--allow", "all", "--no-backup")

    def test_confirmed_by_name(self):
        self.configure(more="    confirm: name\n")
        self.to(0, "dev")
        self.to(0, "staging")
        self.assertIn("--yes isn't its name: give --confirm prod", self.to(3, "prod").stderr)
        self.assertIn("nobody is at the terminal to type it: give --confirm prod", self.call(3, "apply", "--env", "prod", "--no-backup").stderr)
        self.assertIn('the answer was "dev"', self.to(3, "prod", "--confirm", "dev").stderr)
        self.to(0, "prod", "--confirm", "prod")
        self.assertIn("give --confirm prod", self.call(3, "rollback", "--env", "prod", "--yes", "--allow", "all", "--no-backup").stderr)

    def test_deploy(self):
        self.assertIn("give --env", self.call(64, "deploy", "--url", self.urls["dev"]).stderr)
        said = self.to(3, "prod", command="deploy").stderr
        self.assertIn('deploy stopped at stage "conditions": environment prod comes after staging', said)
        dry = self.to(0, "dev", "--dry-run", command="deploy")
        self.assertIn("dry run of dev: nothing was changed", dry.stdout)
        self.assertEqual("f", self.sql("SELECT to_regnamespace('lockstep') IS NOT NULL OR to_regnamespace('app') IS NOT NULL", self.names_to("dev")).strip())
        said = self.to(0, "dev", command="deploy")
        for stage in ("configuration", "check", "plan", "conditions", "approval", "hooks and backup", "apply", "verify"):
            self.assertIn("ok  " + stage, said.stderr)
        self.assertIn("live equals desired", said.stdout)
        self.to(0, "staging", command="deploy")
        self.configure(more='    protect: { tables: [app.*], drop: deny }\n    hooks: { before: ["exit 3"] }\n')
        self.assertIn('stage "hooks and backup": hook `before` failed', self.to(1, "prod", command="deploy").stderr)
        self.configure(more='    hooks: { after: ["exit 3"] }\n')
        self.assertIn('but hook `after` failed: "exit 3"', self.to(7, "prod", command="deploy").stderr)
        self.assertIn("nothing to do", self.to(0, "prod", command="deploy").stdout)
        self.configure(prod="host=/nowhere dbname=x")
        self.assertIn('stage "check"', self.to(1, "prod", command="deploy").stderr)

    def names_to(self, name):
        return next(database for database, one in self.names.items() if one == name)

    def approved(self, who, plan="p.json", env="prod", code=0):
        return self.call(code, "approve", plan, "--env", env, "--key", self.path(f"keys/{who}.key"))

    def test_approvals(self):
        self.configure(more="    require: { approval: 2 }\n")
        os.mkdir(self.path("keys"))
        for who in ("ada", "bob", "eve"):
            self.call(0, "key", who, "-o", "keys")
        self.assertEqual(0o600, os.stat(self.path("keys/ada.key")).st_mode & 0o777)
        self.assertIn("is there already", self.call(64, "key", "ada", "-o", "elsewhere").stderr)
        self.call(64, "key", "../x")
        self.to(0, "dev")
        self.to(0, "staging")
        self.assertIn("takes a plan file only", self.to(3, "prod").stderr)
        self.call(0, "plan", "--env", "prod", "-o", "p.json")
        apply = lambda code: self.call(code, "apply", "p.json", "--env", "prod", "--yes", "--no-backup").stderr
        self.assertIn("has 0", apply(3))
        self.approved("ada")
        self.assertIn("has 1", apply(3))
        self.approved("ada")  # twice is once
        self.assertIn("has 1", apply(3))
        self.approved("bob", env="staging")  # for another one
        self.assertIn("those of bob don't", apply(3))
        os.remove(self.path("approvers/eve.pub"))
        self.assertIn("isn't the key of an approver", self.approved("eve", code=64).stderr)
        self.approved("bob")
        good = self.read("p.json"), self.read("p.json.approvals")
        # Another name for the same key, another date, another environment, a changed field of the plan, bytes that mean nothing.
        for file, old, new in (("p.json.approvals", '"by": "bob"', '"by": "ada"'), ("p.json.approvals", '"environment": "prod"', '"environment": "dev"'),
                               ("p.json.approvals", '"at": "2', '"at": "1'), ("p.json.approvals", '"signature": "', '"signature": "A'),
                               ("p.json", "create table app.t", "create table app.u"), ("p.json", "{", " {")):
            text = self.read(file)
            self.assertIn(old, text)
            self.write(file, text.replace(old, new) if "bob" in old else text.replace(old, new, 1))
            refused = 8 if old.startswith("create") else 3  # the plan's own checksum is older than approvals
            self.call(refused, "apply", "p.json", "--env", "prod", "--yes", "--no-backup")
            self.write("p.json", good[0])
            self.write("p.json.approvals", good[1])
        self.write("p.json.approvals", "{")
        self.assertIn("damaged", apply(64))
        self.write("p.json.approvals", good[1])
        apply(0)
        self.assertEqual(["ada", "bob"], self.history("prod")[0]["provenance"]["approvals"])
        self.call(0, "rollback", "--env", "prod", "--yes", "--allow", "all", "--no-backup")
        self.assertNotEqual(0, self.call_any("apply", "p.json", "--env", "prod", "--yes", "--no-backup").returncode)  # once only

    def test_other_backups_and_what_hooks_are_told(self):
        yaml = """schema: [schemas/]
environments:
  dev:
    url: "{url}"
    backup: {{ store: b, also: ["{also}"] }}
    hooks: {{ before: ["cat > before.json"], after: ["cat > after.json"] }}
"""
        also = lambda command: self.write("lockstep.yaml", yaml.format(url=self.urls["dev"], also=command))
        apply = lambda code, *more: self.call(code, "apply", "--env", "dev", "--yes", "-m", "why", *more).stderr
        also("echo made; exit 3")
        self.assertIn("failed: exit 3", apply(1))
        also("true")
        self.assertIn("printed no artefact", apply(1))
        also("sh also.sh")
        for command, why in (("echo ::error::x; echo", "its last line is blank"), ("echo id; echo ' '", "its last line is blank"), ("echo ::error::x", 'its last line is "::error::x"'),
                             ("echo '- done'", 'its last line is "- done"'), ("head -c 300 /dev/zero | tr '\\0' a", "longer than 255 bytes"), ("printf 'a\\033b'", 'its last line is "a\\x1Bb"')):
            self.write("also.sh", command + "\n")
            self.assertIn(why, apply(1))
        self.assertEqual([], self.history("dev"))
        also("echo progress; echo branch-$LOCKSTEP_ENV; echo oops >&2")
        self.assertIn("oops", apply(0))
        run = self.history("dev")[0]
        self.assertEqual(["branch-dev (echo progress; echo branch-$LOCKSTEP_ENV; echo oops >&2)", "restore point lockstep-" + run["id"]],
                         run["provenance"]["backups"])
        self.assertIn("also saved branch-dev", self.call(0, "history", run["id"], "--env", "dev").stdout)
        told = json.loads(self.read("after.json"))
        self.assertEqual(("lockstep-hook/1", "after", "dev", run["id"], "why"),
                         (told["format"], told["hook"], told["environment"], told["run"], told["provenance"]["message"]))
        self.assertEqual("before", json.loads(self.read("before.json"))["hook"])
        self.write("schemas/app.schema", TWO)
        also("exit 3")
        apply(0, "--no-backup")
