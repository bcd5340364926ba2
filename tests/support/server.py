"""A throw-away PostgreSQL cluster for tests: made, started, and gone when the `with` ends.

Durability is off, it listens on a socket of its own only, and as PostgreSQL refuses root, the user `postgres` runs it then."""
import glob
import os
import pwd
import re
import shutil
import subprocess
import tempfile


def client_bindir():
    """Where psql and pg_dump are: of the newest PostgreSQL installed. LOCKSTEP_TEST_BINDIR may have a server alone."""
    folders = [f for f in glob.glob("/usr/lib/postgresql/*/bin") if os.path.exists(f + "/initdb")]
    if not folders:
        raise SystemExit("tests need PostgreSQL's server binaries (scripts/setup installs them)")
    return max(folders, key=lambda f: int(f.split("/")[4]))


def bindir():
    return os.environ.get("LOCKSTEP_TEST_BINDIR") or client_bindir()


def major_of(program):
    """Of `postgres (PostgreSQL) 18.4`, `pg_dump (PostgreSQL) 15.18 (Debian …)`."""
    said = subprocess.run([program, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return int(re.search(r"\(PostgreSQL\) (\d+)", said).group(1))


class Server:
    def __init__(self, more_options=""):
        self.more_options = more_options

    def __enter__(self):
        self.bin = bindir()
        self.clients = self.bin if os.path.exists(self.bin + "/psql") else client_bindir()
        self.major = major_of(self.bin + "/postgres")
        self.dumpable = self.major <= major_of(self.clients + "/pg_dump")  # it refuses newer servers than itself
        self.folder = tempfile.mkdtemp(prefix="lockstep_test_")
        self.user = {}
        if os.getuid() == 0:
            who = pwd.getpwnam("postgres")
            os.chown(self.folder, who.pw_uid, who.pw_gid)
            os.chmod(self.folder, 0o755)
            self.user = dict(user=who.pw_uid, group=who.pw_gid, extra_groups=[])
        self._run("initdb", "-D", self.folder + "/data", "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8")
        options = (f"-k {self.folder} -c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off "
                   "-c max_connections=60 -c autovacuum=off " + self.more_options)
        self._run("pg_ctl", "-D", self.folder + "/data", "-o", options, "-l", self.folder + "/log", "-w", "start")
        self.count = 0
        return self

    def __exit__(self, *_):
        self._run("pg_ctl", "-D", self.folder + "/data", "-m", "immediate", "stop", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, tool, *arguments, check=True):
        done = subprocess.run([f"{self.bin}/{tool}", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, cwd="/", text=True, **self.user)
        if check and done.returncode:
            raise RuntimeError(f"{tool} failed:\n{done.stdout}")

    def url(self, database):
        return f"host={self.folder} user=postgres dbname={database}"

    def new_database(self, template="template0"):
        self.count += 1
        name = f"t{self.count}"
        self.sql("postgres", f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def new_database_named(self, name):
        self.sql("postgres", f'CREATE DATABASE "{name}" TEMPLATE template0')
        return name

    def has_lz4(self):
        return "lz4" in self.sql("postgres", "SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression'")

    def drop_database(self, name):
        self.sql("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def sql(self, database, text):
        """Runs SQL; the rows of the last query as text, tab-separated."""
        return self.sql_as("postgres", database, text)

    def sql_as(self, user, database, text):
        url = self.url(database).replace("user=postgres", "user=" + user)
        done = subprocess.run([f"{self.clients}/psql", "-X", "-q", "-At", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"],
                              input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=dict(os.environ, PGOPTIONS="-c client_min_messages=error"))
        if done.returncode:
            raise RuntimeError(f"SQL failed: {done.stderr.strip()}\n{text[:2000]}")
        return done.stdout

    def dump(self, database, *arguments, runnable=False):
        """pg_dump without Lockstep's own schema; to be compared (no comments, no session settings), or to be run again."""
        done = subprocess.run([f"{self.clients}/pg_dump", "-N", "lockstep", *arguments, "-d", self.url(database)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise RuntimeError(f"pg_dump failed: {done.stderr.strip()}")
        if runnable:
            return "".join(line for line in done.stdout.splitlines(True) if not line.startswith(("\\restrict", "\\unrestrict")))
        keep = [line for line in done.stdout.splitlines()
                if line.strip() and not line.startswith(("--", "SET ", "SELECT pg_catalog.set_config", "\\restrict", "\\unrestrict"))]
        return "\n".join(keep) + "\n"
