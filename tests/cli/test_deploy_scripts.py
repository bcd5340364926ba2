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


class GitHub(http.server.BaseHTTPRequestHandler):
    """Comments of one pull request."""
    comments = []

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]

    def do_GET(self):
        page = int(re.search(r"[?&]page=(\d+)", self.path).group(1))
        self.answer(self.comments[100 * (page - 1):100 * page])

    def do_POST(self):
        self.comments.append({"id": 1000 + len(self.comments), "body": self.body()})
        self.answer(self.comments[-1])

    def do_PATCH(self):
        one = next(one for one in self.comments if self.path.endswith(f"/{one['id']}"))
        one["body"] = self.body()
        self.answer(one)

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

    def steps(self, job):
        """The `run:` texts of a job, as the workflow has them."""
        with open(os.path.join(DEPLOY, "github", "lockstep.yml"), encoding="utf-8") as stream:
            part = re.search(rf"^  {job}:\n((?:    .*\n|\n)*)", stream.read(), re.M).group(1)
        found = []
        for match in re.finditer(r"^( +)(?:- )?run: (\|\n((?:\1  .*\n)+)|.*\n)", part, re.M):
            found.append(re.sub(r"^ {10}", "", match.group(3), flags=re.M) if match.group(3) else match.group(2))
        return found

    def test_comment(self):
        GitHub.comments = [{"id": n, "body": f"comment {n}"} for n in range(120)]
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), GitHub) as hub:
            threading.Thread(target=hub.serve_forever, daemon=True).start()
            more = dict(GITHUB_API_URL=f"http://127.0.0.1:{hub.server_address[1]}", GITHUB_REPOSITORY="a/b", GITHUB_TOKEN="secret", PULL_REQUEST="7")
            [step] = self.steps("plan")
            self.shell(0, step, **more)
            self.assertEqual(121, len(GitHub.comments))
            first = GitHub.comments[-1]["body"]
            self.assertTrue(first.startswith("<!-- lockstep plan prod -->\n"))
            self.assertIn("CREATE TABLE app.t", first)
            self.assertTrue(os.path.exists(self.path("plan.json")))
            GitHub.comments.extend({"id": n, "body": "later"} for n in range(2000, 2010))
            self.shell(0, step, **more)
            self.assertEqual((131, first), (len(GitHub.comments), GitHub.comments[120]["body"]))  # in place, the same bytes
            self.write("one.schema", "schema app {")
            self.shell(1, step, **more)
            self.assertIn("failed (exit 64)", GitHub.comments[120]["body"])
            self.assertEqual(131, len(GitHub.comments))
            hub.shutdown()

    def test_after_the_merge(self):
        [staging], [production] = self.steps("staging"), self.steps("production")
        self.assertIn("comes after staging", self.shell(1, production))
        self.shell(0, staging)
        self.shell(0, production)
        self.write("one.schema", ONE.replace("note", "memo").replace("memo text", "memo text renamed from note"))
        self.shell(3, staging)  # a hazard: nobody has consented
        self.shell(0, staging.strip() + " --allow all\n")
        self.shell(0, production.replace("--yes", "--yes --allow all"))  # waits at the gate
        self.assertIn("at the gate", self.call_in("status", "--env", "prod"))

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
        GitHub.comments = []
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), GitHub) as hub:
            threading.Thread(target=hub.serve_forever, daemon=True).start()
            GitHub.body = lambda self: json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
            self.addCleanup(setattr, GitHub, "body", BODY)
            self.shell(0, f"printf '%s' '{hook}' | deploy/webhook.sh", WEBHOOK_URL=f"http://127.0.0.1:{hub.server_address[1]}/")
            hub.shutdown()
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
