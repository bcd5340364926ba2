"""deploy/: the scripts, and each `run:` of the GitHub workflow, run by bash as its runner does, against real databases and a server that plays GitHub."""
import http.server
import json
import os
import re
import shutil
import subprocess
import threading

from harness import Case

DEPLOY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "deploy")
ONE = "schema app { table t { id bigint not null primary key; note text; } }\n"
YAML = """schema: [one.schema]
environments:
  staging: {{ url: "${{STAGING_URL}}" }}
  prod: {{ url: "${{PROD_URL}}", after: staging }}
"""


BOT = {"login": "github-actions[bot]"}


class GitHub(http.server.BaseHTTPRequestHandler):
    """Comments of one pull request, as GitHub has them, and GitLab."""
    comments = []
    user = None  # who the token's user is; the token of a job can't ask

    def answer(self, value, code=200):
        body = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]

    def do_GET(self):
        if self.path.endswith("/user"):
            return self.answer(self.user or {"message": "Resource not accessible by integration"}, 200 if self.user else 403)
        page = int(re.search(r"[?&]page=(\d+)", self.path).group(1))
        self.answer(self.comments[100 * (page - 1):100 * page])

    def do_POST(self):
        body = self.body()
        if len(body) > 65536:  # of GitHub: "body is too long (maximum is 65536 characters)"
            return self.answer({"message": "Validation Failed"}, 422)
        who = self.user or BOT
        self.comments.append({"id": 1000 + len(self.comments), "body": body, "user": who, "author": who})
        self.answer(self.comments[-1])

    def do_PATCH(self):
        one = next(one for one in self.comments if self.path.endswith(f"/{one['id']}"))
        body = self.body()
        if len(body) > 65536:
            return self.answer({"message": "Validation Failed"}, 422)
        one["body"] = body
        self.answer(one)

    do_PUT = do_PATCH

    def log_message(self, *_):
        pass


BODY = GitHub.body


class DeployScripts(Case):
    def setUp(self):
        super().setUp()
        _, self.staging = self.fresh("staging")
        self.write("one.schema", ONE)
        self.write("lockstep.yaml", YAML.format())
        shutil.copytree(DEPLOY, self.path("deploy"))
        os.mkdir(self.path("bin"))
        os.symlink(self.lockstep, self.path("bin/lockstep"))
        self.variables = dict(os.environ, PATH=self.path("bin") + ":" + os.environ["PATH"], PROD_URL=self.url, STAGING_URL=self.staging)

    def shell(self, code, text, **variables):
        done = subprocess.run(["bash", "-eo", "pipefail", "-c", text], cwd=self.folder, env=dict(self.variables, **variables), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
        self.assertEqual(code, done.returncode, done.stdout)
        return done.stdout

    def hub(self, comments, user=None):
        """A server that plays GitHub, or GitLab, and what a job's environment says of it."""
        GitHub.comments, GitHub.user = comments, user
        hub = http.server.ThreadingHTTPServer(("127.0.0.1", 0), GitHub)
        threading.Thread(target=hub.serve_forever, daemon=True).start()
        self.addCleanup(lambda: (hub.shutdown(), hub.server_close()))
        return f"http://127.0.0.1:{hub.server_address[1]}"

    def github(self, comments, user=None):
        return dict(GITHUB_API_URL=self.hub(comments, user), GITHUB_REPOSITORY="a/b", GITHUB_TOKEN="secret", PULL_REQUEST="7")

    def script(self, job):
        """The `script:` of a job of GitLab's, whose lines are run in one shell."""
        with open(os.path.join(DEPLOY, "gitlab", "lockstep.yml"), encoding="utf-8") as stream:
            part = re.search(rf"^{job}:\n((?:  .*\n)*)", stream.read(), re.M).group(1)
        return re.search(r"^  script:\n((?:    - .*\n)+)", part, re.M).group(1).replace("    - ", "")

    def steps(self, job):
        """The `run:` texts of a job, as the workflow has them."""
        with open(os.path.join(DEPLOY, "github", "lockstep.yml"), encoding="utf-8") as stream:
            part = re.search(rf"^  {job}:\n((?:    .*\n|\n)*)", stream.read(), re.M).group(1)
        found = []
        for match in re.finditer(r"^( +)(?:- )?run: (\|\n((?:\1  .*\n)+)|.*\n)", part, re.M):
            found.append(re.sub(r"^ {10}", "", match.group(3), flags=re.M) if match.group(3) else match.group(2))
        return found

    def test_comment(self):
        more = self.github([{"id": n, "body": f"comment {n}", "user": BOT} for n in range(120)])
        [step] = self.steps("plan")
        self.shell(0, step, **more)
        self.assertEqual(121, len(GitHub.comments))
        first = GitHub.comments[-1]["body"]
        self.assertTrue(first.startswith("<!-- lockstep plan prod -->\n"))
        self.assertIn("CREATE TABLE app.t", first)
        self.assertTrue(os.path.exists(self.path("plan.json")))
        GitHub.comments.extend({"id": n, "body": "later", "user": BOT} for n in range(2000, 2010))
        self.shell(0, step, **more)
        self.assertEqual((131, first), (len(GitHub.comments), GitHub.comments[120]["body"]))  # in place, the same bytes
        self.write("one.schema", "schema app {")
        self.shell(1, step, **more)
        self.assertIn("failed (exit 64)", GitHub.comments[120]["body"])
        self.assertEqual(131, len(GitHub.comments))

    def test_a_failure_that_is_longer_than_a_comment(self):
        more = self.github([])
        [step] = self.steps("plan")
        self.write("one.schema", "schema app {\n" + "".join(f"  table t{n} {{ id bigint; what unknown_type_{n}; }}\n" for n in range(1500)) + "}\n")
        told = self.shell(1, step, **more)
        self.assertIn("unknown_type_700", told)  # the job's log has all of it
        [comment] = GitHub.comments
        self.assertIn("unknown_type_0", comment["body"])
        self.assertRegex(comment["body"], r"… \d+ lines are left out here")
        self.assertTrue(comment["body"].endswith("    " + told.splitlines()[-1] + "\n"))  # what to do
        self.write("bin/other", "#!/bin/sh\nprintf 'x%70000d' 0 | sed 's/ /ü/g' >&2\nexit 3\n")
        os.chmod(self.path("bin/other"), 0o755)
        self.shell(1, step, LOCKSTEP=self.path("bin/other"), **more)
        self.assertIn("    xüü", GitHub.comments[0]["body"])
        self.assertTrue(GitHub.comments[0]["body"].endswith("üü …\n"))

    def test_a_comment_of_somebody_else_is_left_alone(self):
        [step] = self.steps("plan")
        text = "<!-- lockstep plan prod -->\nnothing dangerous"
        for me, more in ((BOT, {}), ({"login": "ci"}, {}), ({"login": "our[bot]"}, {"COMMENT_AUTHOR": "our[bot]"})):
            strangers = [{"id": 1, "body": text, "user": {"login": "eve"}}, {"id": 2, "body": text, "user": {"login": "github-actions"}}]
            environment = dict(self.github(strangers, None if me == BOT else me), **more)
            for _ in range(2):
                self.shell(0, step, **environment)
            self.assertEqual([text, text], [one["body"] for one in GitHub.comments[:2]])
            self.assertEqual([me], [one["user"] for one in GitHub.comments[2:]])

    def test_comment_on_gitlab(self):
        text = "<!-- lockstep plan prod -->\nnothing dangerous"
        more = dict(CI_API_V4_URL=self.hub([{"id": 1, "body": text, "author": {"id": 5}}], {"id": 77}), CI_PROJECT_ID="3", CI_MERGE_REQUEST_IID="7")
        script = self.script("lockstep plan")
        self.assertIn("CREATE TABLE app.t", self.shell(0, script, **more))
        self.assertEqual(1, len(GitHub.comments))  # no token: the plan is the job's artifact
        for _ in range(2):
            self.shell(0, script, GITLAB_TOKEN="secret", **more)
        self.assertEqual([text], [one["body"] for one in GitHub.comments[:1]])
        self.assertEqual([{"id": 77}], [one["author"] for one in GitHub.comments[1:]])
        self.assertIn("CREATE TABLE app.t", GitHub.comments[1]["body"])

    def test_after_the_merge(self):
        [staging], [production] = self.steps("staging"), self.steps("production")
        self.assertIn("comes after staging", self.shell(1, production))
        self.shell(0, staging)
        self.shell(0, production)
        self.write("one.schema", ONE.replace("note", "memo").replace("memo text", "memo text renamed from note"))
        self.shell(3, staging)  # a hazard: nobody has consented
        self.write("approved/staging.allow", "# reviewed with the plan\nbreaking\n")
        self.shell(0, staging)
        self.write("approved/prod.allow", "breaking")
        self.shell(0, production)  # waits at the gate
        self.assertIn("at the gate", self.call_in("status", "--env", "prod"))

    def approve(self):
        """What an approver does with the artifact of the plan's job."""
        os.makedirs(self.path("approved"), exist_ok=True)
        shutil.copy(self.path("plan.json"), self.path("approved/prod.json"))
        subprocess.run([self.lockstep, "approve", "approved/prod.json", "--env", "prod", "--key", "keys/ada.key"], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def through(self, plan, staging, production, comment, **variables):
        """A change with `require: { approval: 1 }`, from the request to the gate and the one after it."""
        self.write("lockstep.yaml", YAML.format().replace("after: staging", "after: staging, require: { approval: 1 }"))
        if not os.path.exists(self.path("keys")):
            self.call(0, "key", "ada", "-o", "keys")
        self.shell(0, plan, **variables)
        self.shell(0, staging, **variables)
        self.assertIn("requires 1 approval", self.shell(1, production, **variables))
        self.approve()
        self.shell(0, plan, **variables)
        self.assertIn("`approved/prod.json` is this plan", comment())
        self.shell(0, production, **variables)
        self.shell(0, production, **variables)  # a later merge that changes nothing here: the plan was run already
        self.assertEqual(["ada"], json.loads(self.call_in("history", "--env", "prod", "--format", "json"))["runs"][0]["provenance"]["approvals"])
        self.write("one.schema", ONE.replace("note", "memo").replace("memo text", "memo text renamed from note"))
        self.write("approved/staging.allow", "breaking\n")
        self.write("approved/prod.allow", "breaking\n")
        self.shell(0, plan, **variables)
        self.assertIn("is another plan", comment())
        self.shell(0, staging, **variables)
        self.shell(1, production, **variables)  # the approved one is of the change before
        self.assertEqual("t", self.sql("SELECT count(*) = 0 FROM pg_attribute WHERE attrelid = 'app.t'::regclass AND attname = 'memo'").strip())
        self.approve()
        self.shell(0, production, **variables)
        self.shell(0, production, **variables)  # it waits at the gate
        self.assertIn("at the gate", self.call_in("status", "--env", "prod"))

    def test_the_approved_plan_is_what_runs(self):
        more = self.github([])
        [plan], [staging], [production] = self.steps("plan"), self.steps("staging"), self.steps("production")
        self.through(plan, staging, production, lambda: GitHub.comments[0]["body"], **more)

    def test_the_approved_plan_is_what_runs_on_gitlab(self):
        self.call(0, "key", "ada", "-o", "keys")
        for command in (["init", "-q", "-b", "topic"], ["add", "one.schema", "approvers"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "one"],
                        ["checkout", "-q", "--detach"]):
            subprocess.run(["git", *command], cwd=self.folder, check=True)
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=self.folder, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        self.through(*map(self.script, ("lockstep plan", "lockstep staging", "lockstep production")), lambda: self.read("plan.md"),
                     CI_COMMIT_BRANCH="main", CI_COMMIT_SHA=head)
        self.assertEqual("main", subprocess.run(["git", "branch", "--show-current"], cwd=self.folder, check=True, stdout=subprocess.PIPE, text=True).stdout.strip())

    def test_the_plan_is_kept_and_actions_are_pinned(self):
        with open(os.path.join(DEPLOY, "github", "lockstep.yml"), encoding="utf-8") as stream:
            text = stream.read()
        for action in re.findall(r"uses: (.*)", text):
            self.assertRegex(action, r"^(\./deploy/github|actions/[a-z-]+@[0-9a-f]{40} # v[0-9.]+)$")
        self.assertRegex(text, r"if: always\(\)\n +uses: actions/upload-artifact@.*\n +with: \{ name: lockstep-plan-prod, path: plan.json, if-no-files-found: ignore \}")

    def call_in(self, *arguments):
        return subprocess.run([self.lockstep, *arguments], cwd=self.folder, env=self.variables, stdout=subprocess.PIPE, text=True, check=False).stdout

    def test_watch(self):
        self.call_in("apply", "--env", "staging", "--yes")
        self.call_in("apply", "--env", "prod", "--yes")
        self.assertEqual("", self.shell(0, "deploy/watch.sh . out.prom"))
        self.assertIn('lockstep_up{environment="prod"', self.read("out.prom"))
        self.sql("ALTER TABLE app.t ADD COLUMN by_hand text")
        self.assertIn("by_hand", self.shell(2, "deploy/watch.sh . out.prom"))
        self.shell(2, "deploy/watch.sh . out.prom", ALARM="cat > alarm.txt")
        self.assertIn("lockstep verify: exit 2", self.read("alarm.txt"))
        self.assertRegex(self.read("out.prom"), r'lockstep_drift_objects\{environment="prod",database="\w+"\} 1\n')

    def test_the_line_for_cron(self):
        with open(os.path.join(DEPLOY, "cron", "lockstep"), encoding="utf-8") as stream:
            lines = [line.split(None, 6) for line in stream if not line.startswith("#") and "=" not in line]
        self.assertEqual(2, len(lines))
        for line in lines:
            self.assertEqual("deploy", line[5])
            command = line[6].replace("/usr/share/lockstep/deploy", self.path("deploy")).replace("/srv/schema", self.folder)
            self.assertIn("prod", self.shell(0, command.replace("/var/lib/node_exporter", self.folder)) + self.read("lockstep.prom"))

    def test_a_webhook(self):
        hook = json.dumps({"hook": "at_gate", "environment": "prod", "database": "shop", "run": "0123456789", "provenance": {"message": 'a "b"'}})
        url = self.hub([])
        GitHub.body = lambda self: json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        self.addCleanup(setattr, GitHub, "body", BODY)
        self.shell(0, f"printf '%s' '{hook}' | deploy/webhook.sh", WEBHOOK_URL=url + "/")
        self.assertEqual(['lockstep at_gate: prod (shop), run 01234567: a "b"'], [one["body"] for one in GitHub.comments])

    def test_shell_is_well_formed(self):
        for folder, _, files in os.walk(DEPLOY):
            for name in files:
                if name.endswith(".sh"):
                    subprocess.run(["bash", "-n", os.path.join(folder, name)], check=True)


class OtherBackups(Case):
    """deploy/backup: what each asks of its tool, and the id that the run keeps; the tools are played by scripts that print what the real ones do."""
    PLAYED = {
        "pgbackrest": '''case "$*" in
*backup) echo "INFO: backup command end: completed successfully" ;;
*info) echo '[{"backup":[{"annotation":null,"label":"20260101-000000F"},{"annotation":{"lockstep":"'"$LOCKSTEP_RUN"'"},"label":"20260101-000000F_20260102-000000I"},
  {"label":"20260101-000000F_20260103-000000I"}],"name":"main"}]' ;;
esac''',
        "barman": 'echo "Backup completed"',
        "wal-g": '''case "$1" in
backup-push) echo "INFO: Wrote backup" >&2 ;;
backup-list) echo '[{"backup_name":"base_1","user_data":{"lockstep":"'"$LOCKSTEP_RUN"'"}},{"backup_name":"base_2","user_data":null},{"backup_name":"base_3","user_data":"by hand"}]' ;;
esac''',
        "neonctl": """echo '{"branch":{"id":"br-quiet-1","name":"x"},"connection_uris":[]}'""",
        "supabase": """echo '{"id":"7a1c","name":"x","with_data":true}'""",
    }
    # script and arguments: the id, what the tool must have been asked
    WANTED = {
        "pgbackrest.sh main": ("20260101-000000F_20260102-000000I", "--stanza=main --annotation=lockstep=RUN --type=incr backup"),
        "barman.sh db1 --immediate-checkpoint": ("db1 lockstep-RUN", "backup --wait --name lockstep-RUN --immediate-checkpoint db1"),
        "wal-g.sh /data": ("base_1", 'backup-push /data --add-user-data {"lockstep": "RUN"}'),
        "neon.sh p1 main": ("br-quiet-1", "branches create --project-id p1 --parent main --name lockstep-RUN --no-compute --output json"),
        "supabase.sh ref": ("7a1c", "branches create lockstep-RUN --project-ref ref --with-data --persistent --output json"),
    }

    def setUp(self):
        super().setUp()
        shutil.copytree(DEPLOY, self.path("deploy"))
        self.write("one.schema", ONE)

    def play(self, name, text):
        self.write("bin/" + name, f"#!/bin/bash\necho \"$*\" >> asked\n{text}\n")
        os.chmod(self.path("bin/" + name), 0o755)

    def apply_with(self, code, *commands):
        self.write("lockstep.yaml", "schema: [one.schema]\nenvironments:\n  dev:\n    url: \"%s\"\n    backup: { also: %s }\n" %
                   (self.url, json.dumps(["deploy/backup/" + command for command in commands])))
        return self.call(code, "apply", "--env", "dev", "--yes", environment={"PATH": self.path("bin") + ":" + os.environ["PATH"]})

    def test_each_keeps_its_id(self):
        for name, text in self.PLAYED.items():
            self.play(name, text)
        self.apply_with(0, *self.WANTED)
        run = json.loads(self.call(0, "history", "--env", "dev", "--format", "json").stdout)["runs"][0]
        kept, asked = "\n".join(run["provenance"]["backups"]), self.read("asked")
        for command, (artefact, question) in self.WANTED.items():
            self.assertIn(artefact.replace("RUN", run["id"]) + " (deploy/backup/" + command, kept)
            self.assertIn(question.replace("RUN", run["id"]) + "\n", asked)

    def test_one_that_fails_stops_the_run(self):
        for command, name, text in (("pgbackrest.sh main", "pgbackrest", "exit 82"), ("pgbackrest.sh main", "pgbackrest", "echo '[]'"), ("barman.sh db1", "barman", '[ "$1" = backup ]'),
                                    ("wal-g.sh /data", "wal-g", "echo '[]'"), ("neon.sh p1 main", "neonctl", "echo '{}'"), ("supabase.sh ref", "supabase", "echo no")):
            self.play(name, text)
            self.apply_with(1, command)
            self.assertEqual("f", self.sql("SELECT to_regclass('app.t') IS NOT NULL").strip(), command)
