"""What every test of the command line shares: a server, a folder and a database of its own, calls, and golden texts.

Golden texts are tests/cli/golden/NAME.txt, with times, ids, sizes and places of this machine put into <words>.
LOCKSTEP_BLESS=1 rewrites them: read the diff before you commit it."""
import atexit
import difflib
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from server import Server  # noqa: E402

ONE = "schema app {\n  table t { id bigint not null primary key; note text; }\n}\n"
TWO = "schema app {\n  table t { id bigint not null primary key; note text; extra integer; }\n}\n"
LESS = "schema app {\n  table t { id bigint not null primary key; }\n}\n"
WRONG = "schema app {\n  table t { id bigint not null primary key; note txt; }\n}\n"

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
NORMAL = [(re.compile(pattern), word) for pattern, word in (
    (UUID, "<uuid>"),
    (r"\b[0-9a-f]{64}\b", "<digest>"),
    (r"\b\d{8}T\d{6}Z-[0-9a-f]{8}\b", "<time>-<run>"),
    (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "<time>"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "<time>"),
    (r"(run |from run |since run |given up after |^|open run   )[0-9a-f]{8}\b", r"\1<run>"),
    (r"(\"milliseconds\": )\d+", r"\1<ms>"),
    (r"\b\d+(\.\d+)? s\b", "<duration>"),
    (r"\b\d+(\.\d+)? (B|kB|MB|GB|TB)\b", "<size>"),
    (r"(\"(raw|stored)_bytes\": )\d+", r"\1<size>"),
    (r"PostgreSQL \d+\.\d+", "PostgreSQL <version>"),
    (r"(\"server_version\": )\d+", r"\1<version>"),
    (r"cluster \d+", "cluster <cluster>"),
    (r"(\"?system_identifier\"?: )\"\d+\"", r"\1<cluster>"),
    (r"oid:? \d+", "oid <oid>"),
    (r"(\"database_oid\": )\d+", r"\1<oid>"),
    (r"\b[0-9a-f]{12}\b", "<plan>"),
)]

_server = None


def server():
    global _server
    if _server is None:
        _server = Server().__enter__()
        atexit.register(_server.__exit__)
    return _server


class Case(unittest.TestCase):
    lockstep = os.path.abspath(os.environ.get("LOCKSTEP_BINARY", "build/release/lockstep"))
    maxDiff = None
    own_server = False  # a server of the class's own, for tests that change its settings or count what is on it
    server_options = ""  # and how that is started

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.own_server:
            cls.server = Server(cls.server_options).__enter__()
            cls.addClassCleanup(cls.server.__exit__)
        else:
            cls.server = server()

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="lockstep_cli_")
        self.addCleanup(holder.cleanup)
        self.folder = holder.name
        self.names = {}
        self.database, self.url = self.fresh("shop")
        for name, text in (("one", ONE), ("two", TWO), ("less", LESS), ("wrong", WRONG)):
            self.write(name + ".schema", text)

    def fresh(self, name, template="template0"):
        """A new database, called `name` in golden texts, and its URL."""
        database = self.server.new_database(template)
        self.names[database] = name
        return database, self.server.url(database)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as stream:
            stream.write(text)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as stream:
            return stream.read()

    def sql(self, text, database=None):
        return self.server.sql(database or self.database, text)

    def call_any(self, *arguments, environment=None, folder=None, timeout=300):
        """Whatever comes of it, to the byte."""
        done = subprocess.run([self.lockstep, *arguments], cwd=folder or self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=timeout, env=dict(os.environ, **(environment or {})))
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        return done

    def call(self, code, *arguments, environment=None, told=False):
        """`told`: a text of both streams instead of the process, for golden texts."""
        done = subprocess.run([self.lockstep, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=120, env=dict(os.environ, **(environment or {})))
        self.assertEqual(code, done.returncode, f"lockstep {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        self.assertNotIn("\x1b", done.stdout + done.stderr)
        return self.transcript(arguments, done) if told else done

    def transcript(self, arguments, done):
        shown = ["--url URL" if a == "--url" else a for a, before in zip(arguments, ("",) + arguments) if before != "--url"]
        text = f"$ lockstep {' '.join(shown)}\n{done.stdout}"
        if done.stderr:
            text += "".join("! " + line + "\n" for line in done.stderr.splitlines())
        return text + f"[{done.returncode}]\n\n"

    def apply(self, code, schema, *more):
        return self.call(code, "apply", "--url", self.url, "--schema", schema + ".schema", *more)

    def killed(self, schema, step, point="after-settled", *more):
        """An apply that was killed there: its run is open."""
        done = subprocess.run([self.lockstep, "apply", "--url", self.url, "--schema", schema + ".schema", "--yes", "--allow", "all", *more],
                              cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120,
                              env=dict(os.environ, LOCKSTEP_CRASH_AT=f"{step}:{point}"))
        self.assertEqual(-9, done.returncode)

    def deciding(self, step):
        kept = {key: value for key, value in step.items() if key not in ("title", "source", "bytes", "estimate")}
        if "limits" in step:
            kept["limits"] = [{key: limit[key] for key in ("relation", "most")} for limit in step["limits"]]
        if "undo" in step:
            kept["undo"] = dict(step["undo"], steps=[self.deciding(back) for back in step["undo"]["steps"]])
        return kept

    def seal(self, plan):
        """As whoever edits one would write it: with sums that fit."""
        deciding = {key: plan[key] for key in ("target", "desired_fingerprint")}
        deciding["steps"] = [self.deciding(step) for step in plan["steps"]]
        for key in ("read_set", "before", "unproved", "record", "foreign_code", "undoes"):
            if key in plan:
                deciding[key] = plan[key]
        dump = lambda value, **how: json.dumps(value, separators=(",", ":"), ensure_ascii=False, **how).encode()
        plan["digest"] = hashlib.sha256(dump(deciding)).hexdigest()
        plan.pop("checksum", None)
        plan["checksum"] = hashlib.sha256(dump(plan, sort_keys=True)).hexdigest()
        self.write("plan.json", json.dumps(plan, ensure_ascii=False))

    def normal(self, text):
        text = text.replace(self.folder + "/", "").replace(self.server.folder, "<server>")
        for database in sorted(self.names, key=len, reverse=True):
            text = re.sub(rf"\b{database}\b", self.names[database], text)
        text = re.sub(r"\b[\w-]+@[\w.-]+", "<user>", text)
        lines = []
        for line in text.splitlines():
            for pattern, word in NORMAL:
                line = pattern.sub(word, line)
            lines.append(re.sub(r"(?<=\S)  +", "  ", line).rstrip())
        return "\n".join(lines) + "\n"

    def golden(self, name, text):
        path = os.path.join(HERE, "golden", name + ".txt")
        found = self.normal(text)
        if os.environ.get("LOCKSTEP_BLESS") == "1":
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(found)
        if not os.path.exists(path):
            self.fail(f"{path} is missing: LOCKSTEP_BLESS=1 writes it")
        with open(path, encoding="utf-8") as stream:
            wanted = stream.read()
        if wanted != found:
            self.fail("".join(difflib.unified_diff(wanted.splitlines(True), found.splitlines(True), name, "found")))
