#!/usr/bin/env python3
"""A network that swallows what it is given without closing anything, and Ctrl-C at every kind of wait, tried on the real binary.

  tests/blackhole/run.py [--lockstep BINARY] [--default] [TEST…]

A proxy stands between Lockstep and the server; at a chosen moment it stops forwarding. The limit is shortened to a few
seconds (LOCKSTEP_NETWORK_TIMEOUT); --default tries one case with the limit that users have."""
import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from server import Server  # noqa: E402
from client import Client  # noqa: E402

LIMIT = 4
ANY = b"pg_catalog"  # in nearly every question
OLD = "schema app {\n  table t { id bigint not null primary key; note text; extra text; }\n}\n"
INDEX = OLD.replace("extra text;", "extra text; index t_note on (note);")
LESS = OLD.replace(" extra text;", "")
MORE = OLD.replace("extra text;", "extra text; more integer;")
FILLED = OLD.replace("extra text;", "extra text; filled integer not null backfill (length(pg_sleep(0.002)::text));")


class Proxy:
    """Forwards to a Unix socket until a client's message contains `moment` (then that message is still delivered)."""

    def __init__(self, address):
        self.address, self.moment, self.skip, self.after = address, None, 0, None
        self.swallowing, self.only_old = threading.Event(), False
        self.sockets = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def swallow_at(self, moment, skip=0, after=None, only_old=False):
        """`skip`: so many messages with it pass first. `after`: not before a message contains this. `only_old`: connections made
        afterwards are forwarded."""
        self.moment, self.skip, self.after, self.only_old = moment, skip, after, only_old

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            dead = threading.Event()
            self.sockets.append(client)
            if self.swallowing.is_set() and not self.only_old:
                continue
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.address)
            self.sockets.append(server)
            threading.Thread(target=self._pump, args=(client, server, dead, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, dead, False), daemon=True).start()

    def _pump(self, source, sink, dead, from_client):
        while True:
            try:
                data = source.recv(65536)
            except OSError:
                return
            if dead.is_set() or (self.swallowing.is_set() and not self.only_old):
                if not data:
                    return  # nothing is closed
                continue
            if not data:
                try:
                    sink.shutdown(socket.SHUT_RDWR)  # close() alone says nothing while the other thread reads from it
                except OSError:
                    pass
                return
            # A plan that is journalled holds the same words: only what is sent as a statement by itself counts.
            hit = from_client and self.moment is not None and self.moment in data and (data[:1] == b"Q" or self.moment == ANY)
            if from_client and self.after is not None:
                self.after, hit = None if self.after in data else self.after, False
            if hit and self.skip > 0:
                self.skip, hit = self.skip - 1, False
            if hit:
                self.moment = None
                self.swallowing.set()
                dead.set()
            try:
                sink.sendall(data)
            except OSError:
                return

    def close(self):
        self.listener.close()
        for one in self.sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()


class Case(unittest.TestCase):
    lockstep = ""

    @classmethod
    def setUpClass(cls):
        cls.server = Server().__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="lockstep_blackhole_", ignore_cleanup_errors=True)
        self.addCleanup(holder.cleanup)
        self.folder = holder.name
        os.chmod(self.folder, 0o755)  # a server that a test has made there runs as another user
        self.database = self.server.new_database()
        self.socket = self.server.folder + "/.s.PGSQL.5432"
        self.proxy = Proxy(self.socket)
        self.addCleanup(self.proxy.close)
        self.url = f"host=127.0.0.1 port={self.proxy.port} user=postgres dbname={self.database}"
        self.environment = dict(os.environ, LOCKSTEP_NETWORK_TIMEOUT=str(LIMIT))
        for name, text in (("old", OLD), ("index", INDEX), ("less", LESS), ("more", MORE), ("filled", FILLED)):
            self.write(name + ".schema", text)
        self.ended(0, self.start("apply", "old", url=self.server.url(self.database)))
        self.sql("INSERT INTO app.t SELECT i, 'note ' || i, repeat('x', 100) FROM generate_series(1, 5000) i")

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as stream:
            stream.write(text)

    def sql(self, text):
        return self.server.sql(self.database, text)

    def start(self, command, schema=None, url=None):
        arguments = [self.lockstep, command, "--url", url or self.url]
        if schema:
            arguments += ["--schema", schema + ".schema"]
        if command == "apply":
            arguments += ["--yes", "--allow", "all"]
        self.begun = time.monotonic()
        return subprocess.Popen(arguments, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=self.environment)

    def ended(self, code, process, within=120.0):
        try:
            out, err = process.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            process.kill()
            self.fail(f"still running after {within} s:\n{process.communicate()}")
        self.assertEqual(code, process.returncode, out + err)
        return out + err

    def resumed(self, schema):
        """The network is back and the server has noticed: the same command finishes the run."""
        self.proxy.close()
        for _ in range(100):
            if self.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'") == "0\n":
                break
            time.sleep(0.1)
        self.ended(0, self.start("apply", schema, url=self.server.url(self.database)))
        self.ended(0, self.start("verify", schema, url=self.server.url(self.database)))


class BlackHole(Case):
    def swallowed(self, moment, code, command, schema=None, skip=0, after=None, only_old=False):
        self.proxy.swallow_at(moment, skip, after, only_old)
        process = self.start(command, schema)
        self.assertTrue(self.proxy.swallowing.wait(60), "the moment never came")
        return self.ended(code, process, within=4 * LIMIT + 10)

    def test_at_connect(self):
        self.proxy.swallowing.set()
        for command, schema in (("plan", "index"), ("inspect", None), ("status", None), ("apply", "index")):
            with self.subTest(command=command):
                self.assertIn("timeout expired", self.ended(1, self.start(command, schema), within=4 * LIMIT + 10))

    def test_reading_commands(self):
        for command, schema in (("plan", "index"), ("inspect", None), ("verify", "old"), ("history", None), ("check", "old")):
            with self.subTest(command=command):
                said = self.swallowed(ANY, 1, command, schema, skip=4 if command != "history" else 3)
                self.assertIn("nothing was heard from the server for 4 s", said)
                self.proxy.swallowing.clear()

    def test_in_copy(self):
        said = self.swallowed(b"COPY (", 7, "apply", "less")
        self.assertIn("the connection was lost", said)
        self.assertIn("done and journalled", said)
        self.assertEqual("5000\n", self.sql("SELECT count(*) FROM app.t WHERE length(coalesce(to_jsonb(t) ->> 'extra', to_jsonb(t) ->> 'lockstep_dropped_extra')) = 100"))
        self.resumed("less")

    def test_at_commit(self):
        said = self.swallowed(b"COMMIT\0", 7, "apply", "more", after=b"', 'executed', 's")
        self.assertIn("lost during COMMIT", said)
        self.assertIn("whether the step is done is not known here", said)
        self.resumed("more")

    def test_in_an_index_build(self):
        with Client(self.socket, self.database) as old:
            old.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
            old.query("SELECT count(*) FROM app.t")
            said = self.swallowed(b"CREATE INDEX CONCURRENTLY", 7, "apply", "index")
            self.assertIn("server process", said)
            self.assertIn("may still be at work", said)
        self.resumed("index")

    def test_an_answer_that_never_comes(self):
        """New connections work: the server says that our process has long been idle."""
        said = self.swallowed(b"CREATE INDEX CONCURRENTLY", 7, "apply", "index", only_old=True)
        self.assertIn("what it said on this connection never came", said)
        self.resumed("index")

    def test_a_long_statement_is_none(self):
        with Client(self.socket, self.database) as old:
            old.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
            old.query("SELECT count(*) FROM app.t")
            process = self.start("apply", "index")
            time.sleep(3 * LIMIT)
            self.assertIsNone(process.poll())
            old.query("COMMIT")
            self.ended(0, process)


class Interrupts(Case):
    def interrupted(self, process, within=1.0, number=signal.SIGINT):
        """`within`: a second, and what this machine needs to start a process by itself."""
        begun = time.monotonic()
        subprocess.run([self.lockstep, "--version"], stdout=subprocess.DEVNULL, check=True)
        own = time.monotonic() - begun
        begun = time.monotonic()
        process.send_signal(number)
        said = self.ended(128 + number, process)
        self.assertLess(time.monotonic() - begun, within + 5 * own, said)
        self.assertIn("interrupted by SIG", said)
        return said

    def wait_for(self, query):
        for _ in range(300):
            if self.sql(query) == "t\n":
                return
            time.sleep(0.1)
        self.fail("never seen: " + query)

    def test_in_a_black_hole(self):
        for command, schema, moment in (("plan", "index", ANY), ("apply", "index", b"CREATE INDEX CONCURRENTLY"), ("inspect", None, ANY)):
            with self.subTest(command=command):
                self.environment["LOCKSTEP_NETWORK_TIMEOUT"] = "60"
                self.proxy.swallow_at(moment, skip=4 if command != "apply" else 0)
                process = self.start(command, schema)
                self.assertTrue(self.proxy.swallowing.wait(60))
                time.sleep(0.5)
                self.interrupted(process)
                self.proxy.close()
                self.proxy = Proxy(self.socket)
                self.url = f"host=127.0.0.1 port={self.proxy.port} user=postgres dbname={self.database}"

    def test_at_connect(self):
        self.proxy.swallowing.set()
        process = self.start("plan", "index")
        time.sleep(1)
        self.assertIn("No step of a plan was run", self.interrupted(process))

    def test_in_an_index_build(self):
        with Client(self.socket, self.database) as old:
            old.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
            old.query("SELECT count(*) FROM app.t")
            process = self.start("apply", "index")
            self.wait_for("SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' AND datname = current_database()")
            time.sleep(0.5)
            said = self.interrupted(process)
            self.assertIn("the next attempt removes or finishes it", said)
        self.resumed("index")

    def test_at_a_lock(self):
        with Client(self.socket, self.database) as old:
            old.query("BEGIN")
            old.query("SELECT count(*) FROM app.t")
            process = self.start("apply", "more")
            self.wait_for("SELECT count(*) > 0 FROM lockstep.event WHERE kind = 'intent'")
            time.sleep(1)
            self.interrupted(process, number=signal.SIGTERM)
        self.wait_for("SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name LIKE 'lockstep/%' AND datname = current_database()")
        self.resumed("more")

    def test_in_a_backfill(self):
        process = self.start("apply", "filled")
        self.wait_for("SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%UPDATE ONLY%' AND state = 'active' AND datname = current_database()")
        self.interrupted(process)
        self.resumed("filled")

    def test_in_a_hook(self):
        self.write("lockstep.yaml", "schema: [more.schema]\nenvironments:\n  dev:\n    url: \"${BLACKHOLE_URL}\"\n    hooks: { before: [\"touch began; sleep 60\"] }\n")
        self.environment["BLACKHOLE_URL"] = self.url
        process = subprocess.Popen([self.lockstep, "apply", "--env", "dev", "--yes"], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=self.environment)
        for _ in range(300):
            if os.path.exists(os.path.join(self.folder, "began")):
                break
            time.sleep(0.1)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        said = self.ended(130, process)
        self.assertLess(time.monotonic() - begun, 2)
        self.assertIn("hook `before`", said)

    def test_while_scratch_is_built(self):
        ended = []
        for pause in (0.2, 0.6, 1.2):
            self.environment["LOCKSTEP_CACHE"] = os.path.join(self.folder, f"cache{pause}")
            process = self.start("plan", "index")
            time.sleep(pause)
            process.send_signal(signal.SIGINT)
            begun = time.monotonic()
            said = b"".join(bytes(part, "utf-8") if isinstance(part, str) else part for part in process.communicate(timeout=60))
            self.assertLess(time.monotonic() - begun, 2)
            self.assertTrue(process.returncode == 0 or b"interrupted by SIG" in said, said)
            ended.append(process.returncode)
        self.assertIn(130, ended)
        self.assertLessEqual(set(ended), {0, 130})  # 0: it had said all already

    def test_the_second_signal_ends_at_once(self):
        self.environment["LOCKSTEP_NETWORK_TIMEOUT"] = "60"
        self.proxy.swallow_at(b"CREATE INDEX CONCURRENTLY")
        process = self.start("apply", "index")
        self.assertTrue(self.proxy.swallowing.wait(60))
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        time.sleep(0.15)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        said = self.ended(130, process)
        self.assertLess(time.monotonic() - begun, 1)
        self.assertIn("Run the same command again", said)


class WithTheDefault(Case):
    def test_default(self):
        del self.environment["LOCKSTEP_NETWORK_TIMEOUT"]
        self.proxy.swallow_at(b"CREATE INDEX CONCURRENTLY")
        process = self.start("apply", "index")
        self.assertTrue(self.proxy.swallowing.wait(60))
        begun = time.monotonic()
        self.ended(7, process, within=60)
        print(f"black hole in an index build, default limit: ended after {time.monotonic() - begun:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lockstep", default="build/release/lockstep")
    parser.add_argument("--default", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    Case.lockstep = os.path.abspath(options.lockstep)
    names = options.names or (["WithTheDefault"] if options.default else ["BlackHole", "Interrupts"])
    suite = unittest.TestLoader().loadTestsFromNames(names, sys.modules["__main__"])
    sys.exit(0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1)
