#!/usr/bin/env python3
"""Files of a stranger, and objects that a role without power planted in a database: nothing of them may run with power.
tests/hostile/run.py [--lockstep BINARY] [--all] [-v] [FILE…]

files/*.schema, files/*.sql   desired states that try to get out: to a program, a file, another database, the network, a
                              superuser's identity. Each is run through fmt, check, plan, compare, verify as the server's superuser,
                              with scratch databases on the embedded server and on the same server, and through apply as a role
                              that owns the database and nothing else (what is applied runs as whoever applies it).
live/*.sql                    what a role that only may create in a schema plants there. A superuser plans, verifies and applies
                              files that use the same schema (live.schema).

In a file `@PAYLOAD@` is the body of a PL/pgSQL function that tries everything, one attempt after the other; `@RETURN@` ends it with
what it found out. Whatever succeeds leaves a trace that the runner looks for: a file, a row in another database, a connection to a
port, a role, or the text of a secret in what Lockstep prints. The runner first shows that the payload, run as a superuser,
leaves each of these traces.

The first line of a file says what it tries, and how the commands end where that isn't as with any good file:
  [refused]   everything that looks at the file's meaning ends with exit code 64
  [apply N]   this command ends with N: 1 before the first step, 7 at the step that only a superuser may take
At least LEAST_ELABORATED files aren't refused: they are built on scratch, and their code runs there.

Without --all each file goes through fmt, apply and one of the seven other ways (check, plan, compare, verify; the last three also
with --shadow same-server), by turns, so that all are used alike; with --all, or where files are named, each file goes through all
of them."""
import argparse
import concurrent.futures
import glob
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from server import Server  # noqa: E402

SECRET = "canary-secret-7f3a"
LEAST_ELABORATED = 40
GOOD = {"check": 0, "plan": 0, "compare": 2, "verify": 0, "apply": 0}  # exit codes; compare: the database is empty

# Each attempt on its own: what the first is refused, the next may be allowed. {call} is the case's name.
PAYLOAD = r"""
DECLARE
  found text; told text := ''; attempt text;
BEGIN
  FOREACH attempt IN ARRAY ARRAY[
    $t$COPY (SELECT 1) TO PROGRAM 'touch @TRACES@/@CASE@.program'$t$,
    $t$COPY (SELECT current_user) TO '@TRACES@/@CASE@.file'$t$,
    $t$DO $d$ BEGIN PERFORM pg_catalog.lo_from_bytea(77, 'x'); PERFORM pg_catalog.lo_export(77, '@TRACES@/@CASE@.export'); END $d$ $t$,
    $t$CREATE ROLE "hostile @CASE@" SUPERUSER$t$,
    $t$ALTER SYSTEM SET cluster_name = 'hostile @CASE@'$t$,
    $t$SELECT pg_catalog.pg_reload_conf()$t$,
    $t$INSERT INTO pg_catalog.pg_authid (rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit, oid) VALUES ('hostile @CASE@ 2', true, true, true, true, true, true, true, -1, 99999)$t$,
    $t$LOAD '@SECRET@'$t$
  ] LOOP
    BEGIN
      EXECUTE attempt;
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
  END LOOP;
  FOREACH attempt IN ARRAY ARRAY[
    $t$SELECT pg_catalog.pg_read_file('@SECRET@')$t$,
    $t$SELECT pg_catalog.convert_from(pg_catalog.lo_get(pg_catalog.lo_import('@SECRET@')), 'UTF8')$t$,
    $t$SELECT pg_catalog.string_agg(rolpassword, ',') FROM pg_catalog.pg_authid$t$,
    $t$SELECT * FROM dblink('@OTHER@', 'INSERT INTO ran SELECT ''@CASE@'', current_user, rolsuper FROM pg_roles WHERE rolname = current_user RETURNING who') AS t (who text)$t$,
    $t$SELECT * FROM dblink('host=127.0.0.1 port=@PORT@ user=x password=y connect_timeout=1', 'SELECT 1') AS t (who text)$t$,
    $t$SELECT * FROM ext.dblink('host=127.0.0.1 port=@PORT@ user=x password=y connect_timeout=1', 'SELECT 1') AS t (who text)$t$
  ] LOOP
    BEGIN
      EXECUTE attempt INTO found;
    EXCEPTION WHEN OTHERS THEN found := NULL;
    END;
    IF found LIKE '%@WORD@%' THEN told := told || ' read: ' || found; END IF;
  END LOOP;
  IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN told := told || ' superuser: @WORD@'; END IF;
  FOREACH attempt IN ARRAY ARRAY[
    $t$SET session_authorization = lockstep_root; COPY (SELECT 1) TO PROGRAM 'touch @TRACES@/@CASE@.authorization'$t$,
    $t$SET role = lockstep_root; COPY (SELECT 1) TO PROGRAM 'touch @TRACES@/@CASE@.role'$t$,
    $t$SET role = postgres; COPY (SELECT 1) TO PROGRAM 'touch @TRACES@/@CASE@.role'$t$,
    $t$SET role = pg_execute_server_program; COPY (SELECT 1) TO PROGRAM 'touch @TRACES@/@CASE@.role'$t$
  ] LOOP
    BEGIN
      EXECUTE attempt;
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
  END LOOP;
  IF told <> '' THEN RAISE EXCEPTION '%', told; END IF;
  @RETURN@
END
"""


class Listener:
    """A port that counts who connects."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(50)
        self.port = self.socket.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()


class Suite:
    def __init__(self, lockstep, server, everything):
        self.lockstep, self.server, self.everything = lockstep, server, everything
        self.elaborated, self.refused, self.unmade = set(), set(), set()
        self.folder = tempfile.mkdtemp(prefix="lockstep_hostile_")
        os.chmod(self.folder, 0o755)
        self.traces = os.path.join(self.folder, "traces")
        os.mkdir(self.traces)
        os.chmod(self.traces, 0o777)
        self.secret = os.path.join(self.folder, "secret")
        with open(self.secret, "w", encoding="utf-8") as stream:
            stream.write(SECRET + "\n")
        os.chmod(self.secret, 0o644)
        self.listener = Listener()
        self.environment = dict(os.environ, LOCKSTEP_CACHE=os.path.join(self.folder, "cache"), HOSTILE_URL=SECRET, PGPASSWORD=SECRET)
        server.sql("postgres", "CREATE DATABASE other; CREATE ROLE deployer LOGIN; CREATE ROLE rich SUPERUSER; CREATE ROLE plain; CREATE ROLE planter LOGIN")
        server.sql("other", "CREATE TABLE ran (what text, who text, super boolean)")
        self.roles = self.role_count()
        self.counted = threading.Lock()
        self.runs = 0

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def role_count(self):
        return self.server.sql("postgres", "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'hostile%'").strip()

    def text(self, name, path):
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
        text = text.replace("@PAYLOAD@", PAYLOAD)
        values = {"TRACES": self.traces, "CASE": name, "SECRET": self.secret, "WORD": SECRET, "PORT": str(self.listener.port),
                  "OTHER": self.server.url("other"), "SOCKET": self.server.folder}
        for key, value in values.items():
            text = text.replace(f"@{key}@", value)
        text = re.sub(r"-- returns: (.*)\n((?:.|\n)*?)@RETURN@", r"\2RETURN \1;", text)
        return text.replace("@RETURN@", "RETURN NULL;")

    def call(self, folder, *arguments, url=None):
        done = subprocess.run([self.lockstep, *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120, env=self.environment)
        with self.counted:
            self.runs += 1
        if done.returncode < 0 or done.returncode == 70:
            raise AssertionError(f"lockstep {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}")
        if SECRET in done.stdout:
            raise AssertionError(f"lockstep {' '.join(arguments)} printed the secret\n{done.stdout}")
        return done

    def traces_left(self, name):
        left = [os.path.basename(path) for path in glob.glob(os.path.join(self.traces, name + ".*"))]
        return left + self.server.sql(
            "other", f"SELECT 'in the other database: ' || ran::text FROM ran WHERE what = '{name}' UNION ALL "
                     f"SELECT 'role ' || rolname FROM pg_roles WHERE rolname LIKE 'hostile {name}%' UNION ALL "
                     "SELECT 'cluster_name' WHERE current_setting('cluster_name') <> ''").splitlines()

    def case(self, path, turn):
        name, extension = os.path.splitext(os.path.basename(path))
        folder = os.path.join(self.folder, name)
        os.mkdir(folder)
        file = "it" + extension
        with open(os.path.join(folder, file), "w", encoding="utf-8") as stream:
            stream.write(self.text(name, path))
        database = self.server.new_database_named("h_" + name.replace("-", "_"))
        url = self.server.url(database)
        deployer = url.replace("user=postgres", "user=deployer")
        self.server.sql(database, f"ALTER DATABASE {database} OWNER TO deployer; GRANT ALL ON SCHEMA public TO deployer")
        desired = ("--schema", file)
        embedded = [["check", *desired], ["plan", "--url", url, *desired], ["compare", file, url], ["verify", "--url", url, *desired]]
        same = [[*command, "--shadow", "same-server"] for command in embedded[1:]]
        ways = embedded + same
        commands = ways if self.everything else [ways[turn % len(ways)]]
        apply = ["apply", "--url", deployer, *desired, "--yes", "--allow", "all", "--no-backup"]
        wanted = self.expected(path)
        try:
            outcomes = []
            for command in [["fmt", "--check", file], *commands, apply]:
                done = self.call(folder, *command)
                outcomes.append(f"{command[0]}:{done.returncode}")
                left = self.traces_left(name)
                if left:
                    raise AssertionError(f"lockstep {' '.join(command)} left {left}\n{done.stdout}")
                code = wanted.get(command[0], done.returncode)
                if done.returncode != code:
                    raise AssertionError(f"lockstep {' '.join(command)} ended with {done.returncode}, not with {code}\n{done.stdout}")
            with self.counted:
                (self.refused if wanted["check"] else self.elaborated).add(name)
                if not wanted["check"] and wanted["apply"]:
                    self.unmade.add(name)
            return f"{name}: " + " ".join(outcomes)
        finally:
            self.server.drop_database(database)

    @staticmethod
    def expected(path):
        with open(path, encoding="utf-8") as stream:
            first = stream.readline()
        if "[refused]" in first:
            return dict.fromkeys(GOOD, 64)
        return {**GOOD, **{command: int(code) for command, code in re.findall(r"\[(\w+) (\d+)\]", first)}}

    def live(self, path):
        """A superuser works on a database in which a role without power has planted things."""
        name = "live-" + os.path.splitext(os.path.basename(path))[0]
        folder = os.path.join(self.folder, name)
        os.mkdir(folder)
        database = self.server.new_database_named("h_" + name.replace("-", "_"))
        url = self.server.url(database)
        for file in ("live_before.schema", "live_after.schema"):
            shutil.copy(os.path.join(HERE, file), folder)
        try:
            before = self.call(folder, "apply", "--url", url, "--schema", "live_before.schema", "--yes")
            if before.returncode:
                raise AssertionError(before.stdout)
            self.server.sql(database, "INSERT INTO app.people (name, born) SELECT 'n' || i, '1990-01-01' FROM generate_series(1, 500) i;"
                                      "GRANT ALL ON SCHEMA app TO planter; GRANT SELECT, REFERENCES, TRIGGER ON app.people TO plain")
            planted = self.text(name, path)
            self.server.sql_as("planter", database, planted)
            outcomes = []
            for command in (["plan", "--url", url, "--schema", "live_after.schema"],
                            ["plan", "--url", url, "--schema", "live_after.schema", "--shadow", "same-server"],
                            ["verify", "--url", url, "--schema", "live_before.schema"],
                            ["apply", "--url", url, "--schema", "live_after.schema", "--yes", "--allow", "all"],
                            ["verify", "--url", url, "--schema", "live_after.schema"],
                            ["status", "--url", url], ["backup", "list"]):
                done = self.call(folder, *command)
                outcomes.append(f"{command[0]}:{done.returncode}")
                left = self.traces_left(name)
                if left:
                    raise AssertionError(f"lockstep {' '.join(command)} left {left}\n{done.stdout}")
                code = self.expected(path)["apply"]
                if command[0] == "apply" and done.returncode != code:
                    raise AssertionError(f"apply ended with {done.returncode}, not with {code}\n{done.stdout}")
            return f"{name}: " + " ".join(outcomes)
        finally:
            self.server.drop_database(database)

    def canary_works(self):
        """The same payload as a superuser leaves every kind of trace; in a database of its own, whose roles go again."""
        database = self.server.new_database_named("h_canary")
        text = "CREATE EXTENSION dblink; CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $payload$" + PAYLOAD + "$payload$;"
        path = os.path.join(self.folder, "canary.sql")
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)
        self.server.sql(database, self.text("canary", path))
        told = ""
        try:
            self.server.sql(database, "SELECT f()")
        except RuntimeError as error:
            told = str(error)
        for word in ("read: " + SECRET, "superuser: " + SECRET):
            if word not in told:
                raise AssertionError(f"the payload, run as a superuser, did not tell \"{word}\": {told}")
        # What raised took its own work along, but not what is outside of the database.
        seen = {os.path.basename(path) for path in glob.glob(os.path.join(self.traces, "canary.*"))}
        if not {"canary.program", "canary.file", "canary.export", "canary.role"} <= seen:
            raise AssertionError(f"the payload, run as a superuser, left only {seen}")
        if not self.server.sql("other", "SELECT * FROM ran WHERE what = 'canary' AND super").strip():
            raise AssertionError("the payload could not reach the other database")
        if self.listener.connections == 0:
            raise AssertionError("the payload could not reach the network")
        self.listener.connections = 0
        self.server.sql("postgres", "ALTER SYSTEM RESET ALL; SELECT pg_reload_conf()")
        self.server.drop_database(database)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lockstep", default="build/dev/lockstep")
    parser.add_argument("--only", choices=("files", "live"))
    parser.add_argument("--all", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    files = arguments.files or sorted(glob.glob(HERE + "/files/*.s*") + glob.glob(HERE + "/live/*.sql"))
    began = time.monotonic()
    with Server() as server:
        suite = Suite(os.path.abspath(arguments.lockstep), server, bool(arguments.all or arguments.files))
        try:
            suite.canary_works()
            failed = []

            def run(path):
                live = os.path.basename(os.path.dirname(os.path.abspath(path))) == "live"
                if arguments.only and live != (arguments.only == "live"):
                    return None
                try:
                    return suite.live(path) if live else suite.case(path, files.index(path))
                except (AssertionError, RuntimeError, subprocess.TimeoutExpired) as error:
                    failed.append(os.path.basename(path))
                    return f"FAILED {os.path.basename(path)}: {error}"

            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                for line in pool.map(run, files):
                    if line and (arguments.verbose or line.startswith("FAILED")):
                        print(line, flush=True)
            if suite.listener.connections:
                failed.append("something connected to the port")
                print(f"FAILED {suite.listener.connections} connections reached the port")
            left = server.sql("postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'lockstep%' UNION ALL SELECT rolname FROM pg_roles WHERE rolname LIKE 'lockstep%'")
            if left.strip():
                failed.append("a scratch database was left")
                print(f"FAILED scratch databases or roles were left: {left.split()}")
            if suite.role_count() != suite.roles:
                failed.append("a role was made")
            if not arguments.files and arguments.only != "live" and len(suite.elaborated) < LEAST_ELABORATED:
                failed.append("too few files are elaborated")
                print(f"FAILED only {len(suite.elaborated)} files are built on scratch, not {LEAST_ELABORATED}")
            print(f"{len(files)} files: {len(suite.elaborated)} built on scratch ({len(suite.unmade)} of them not for the database's owner to "
                  f"apply), {len(suite.refused)} refused before; {suite.runs} commands, {len(failed)} failed, {time.monotonic() - began:.0f} s")
            return 1 if failed else 0
        finally:
            suite.close()


if __name__ == "__main__":
    sys.exit(main())
