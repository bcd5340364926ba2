"""Behind PgBouncer every command is refused before it sets anything, and the application's server process stays as it was."""
import os
import shutil
import subprocess
import threading
import time
import unittest

from harness import Case
from client import Client

STATE = """SELECT 'pid', pg_backend_pid()::text UNION ALL SELECT name, setting FROM pg_settings
UNION ALL SELECT 'lock', l.locktype || ' ' || l.mode FROM pg_locks l WHERE pid = pg_backend_pid() AND locktype NOT IN ('relation', 'virtualxid')
UNION ALL SELECT 'prepared', name FROM pg_prepared_statements UNION ALL SELECT 'temporary', pg_my_temp_schema()::text
UNION ALL SELECT 'listens', c FROM pg_listening_channels() AS c UNION ALL SELECT 'cursor', name FROM pg_cursors WHERE name <> ''
ORDER BY 1, 2"""
MODES = ("transaction", "session", "statement")


class Pooler:
    def __init__(self, server, mode):
        self.folder = os.path.join(server.folder, "pooler_" + mode)
        os.mkdir(self.folder)
        config = os.path.join(self.folder, "pgbouncer.ini")
        with open(config, "w", encoding="utf-8") as stream:
            stream.write(f"[databases]\n* = host={server.folder} user=postgres\n[pgbouncer]\nlisten_addr =\nunix_socket_dir = {self.folder}\n"
                         f"listen_port = 6432\nauth_type = any\npool_mode = {mode}\ndefault_pool_size = 1\nmax_client_conn = 50\n"
                         "ignore_startup_parameters = extra_float_digits\nadmin_users = postgres\n")
        if server.user:
            os.chown(self.folder, server.user["user"], server.user["group"])
        self.process = subprocess.Popen([shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin"), "-q", config], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **server.user)
        self.socket = os.path.join(self.folder, ".s.PGSQL.6432")
        for _ in range(100):
            if os.path.exists(self.socket):
                break
            time.sleep(0.05)

    def url(self, database):
        return f"host={self.folder} port=6432 user=postgres dbname={database}"

    def stop(self):
        self.process.terminate()
        self.process.wait()


@unittest.skipUnless(shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin"), "no pgbouncer here (scripts/setup installs it)")
class Pooled(Case):
    def setUp(self):
        super().setUp()
        self.apply(0, "one", "--yes")
        self.write("lockstep.yaml", "schema: [two.schema]\nenvironments:\n  pooled:\n    url: \"${POOLED}\"\n  direct:\n    url: \"${DIRECT}\"\n")

    def pooler(self, mode):
        pooler = Pooler(self.server, mode)
        self.addCleanup(shutil.rmtree, pooler.folder, True)
        self.addCleanup(pooler.stop)
        return pooler

    def commands(self, url):
        target = ("--url", url)
        return [
            (3, ("plan", *target, "--schema", "two.schema")),
            (3, ("plan", *target, "--schema", "two.schema", "--shadow", "same-server")),
            (3, ("check", *target, "--schema", "two.schema")),
            (3, ("apply", *target, "--schema", "two.schema", "--yes")),
            (3, ("apply", *target, "--schema", "less.schema", "--yes")),
            (3, ("resume", *target, "--yes")),
            (3, ("status", *target)),
            (3, ("verify", *target, "--schema", "two.schema")),
            (3, ("history", *target)),
            (3, ("inspect", *target)),
            (3, ("--config", "new.yaml", "init", *target)),
            (3, ("identity", "show", *target)),
            (3, ("identity", "set", "--env", "pooled")),
            (3, ("identity", "forget", *target, "--yes")),
            (3, ("resolve", "--abandon", "--reason", "no", *target)),
            (3, ("compare", "pooled", "direct")),
        ]

    def tried(self, mode):
        pooler = self.pooler(mode)
        with open(self.server.folder + "/log", encoding="utf-8") as log:
            log.seek(0, os.SEEK_END)
            self.sql("ALTER DATABASE %s SET log_statement = 'all'" % self.database)
            with Client(pooler.socket, self.database) as application:
                self.watched(pooler, application)
            said = log.read()
        asked = [line for line in said.splitlines() if "statement:" in line or "execute" in line]
        foreign = [line for line in asked if "pg_backend_pid" not in line and "ALTER DATABASE" not in line and "SET application_name" not in line]
        self.assertEqual([], [line for line in foreign if "lockstep" in line.lower() or "set_config" in line])

    def watched(self, pooler, application):
        """In session mode the application's process is its own as long as it is connected: it comes back between commands."""
        own = pooler.process and "session" in pooler.folder
        before = application.query(STATE)
        if own:
            application.close()
        for code, arguments in self.commands(pooler.url(self.database)):
            with self.subTest(pooler=os.path.basename(pooler.folder), command=arguments[0:2]):
                seen, ended = [], threading.Event()
                watcher = threading.Thread(target=self.look, args=(pooler, seen, ended), daemon=True)
                if not own:
                    watcher.start()
                done = self.call(code, *arguments, environment={"POOLED": pooler.url(self.database), "DIRECT": self.url, "PGAPPNAME": "x"})
                ended.set()
                if not own:
                    watcher.join(30)
                self.assertIn("leads through a connection pooler", done.stdout + done.stderr)
                self.assertIn("URL of the server itself", done.stdout + done.stderr)
                for state in seen:
                    self.assertEqual(before, state)
                with Client(pooler.socket, self.database) as again:
                    self.assertEqual(before, again.query(STATE))

    def look(self, pooler, seen, ended):
        with Client(pooler.socket, self.database) as application:
            while not ended.is_set():
                seen.append(application.query(STATE))
                time.sleep(0.05)

    def test_transaction_mode(self):
        self.tried("transaction")

    def test_session_mode(self):
        self.tried("session")

    def test_statement_mode(self):
        self.tried("statement")

    def test_the_administration_database(self):
        done = self.call(3, "inspect", "--url", self.pooler("transaction").url("pgbouncer"))
        self.assertIn("PgBouncer's own administration database", done.stderr)

    def test_status_of_all_environments_tells_which_one_is_pooled(self):
        pooler = self.pooler("transaction")
        done = self.call(1, "status", environment={"POOLED": pooler.url(self.database), "DIRECT": self.url})
        self.assertIn("connection pooler", done.stdout)
        self.assertIn("direct", done.stdout)


if __name__ == "__main__":
    unittest.main()
