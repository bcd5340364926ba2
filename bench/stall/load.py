"""The load: pgbench at a fixed rate in three processes (prepared, simple and extended protocol), and a client that COPYs rows.

Each client writes to keys of its own, by its slot, so that no statement fails by itself. A latency counts from when the request was due."""
import glob
import os
import re
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "rollout"))  # after this folder: both have a trial.py
from libpq import Connection, Failed  # noqa: E402

MODES = ("prepared", "simple", "extended")
CLIENTS = 8  # of each process
SLOTS = CLIENTS * len(MODES)
COPY_EVERY, COPIED = 0.3, 20  # seconds, rows
FOREVER = 24 * 3600
ERROR = re.compile(r"ERROR:|FATAL:(?!.*administrator command)")
OWN = """\\set slot :first + :client_id
\\set first_key 100000000 + :slot * 10000000
"""


class Scripts:
    """load/*.sql for one trial, with the name of its table, and the recipe's own."""

    def __init__(self, folder, recipe):
        self.paths = []  # (path, weight, not for prepared statements)
        for path in sorted(glob.glob(os.path.join(HERE, "load", "*.sql"))) + ([recipe.load] if recipe and recipe.load else []):
            with open(path, encoding="utf-8") as stream:
                text = stream.read()
            copy = os.path.join(folder, os.path.basename(path))
            with open(copy, "w", encoding="utf-8") as stream:
                stream.write(OWN + text.replace("{orders}", recipe.table if recipe else "shop.orders"))
            self.paths.append((copy, re.search(r"^-- weight (\d+)", text, re.M)[1], "-- unprepared" in text))

    def arguments(self, mode):
        return [word for path, weight, unprepared in self.paths if mode != "prepared" or not unprepared for word in ("-f", f"{path}@{weight}")]


class Copier(threading.Thread):
    def __init__(self, url, table, rows):
        super().__init__(daemon=True)
        self.url, self.table, self.customers = url, table, customers(rows)
        self.requests, self.errors, self.ended = [], [], threading.Event()  # (due, milliseconds)

    def run(self):
        connection, key, due = Connection(self.url, "stall_copy"), 1_500_000_000, time.time()
        while not self.ended.is_set():
            rows = [[str(key + n), str(1 + (key + n) % self.customers), "2", "copied", None] for n in range(COPIED)]
            try:
                connection.copy(f"COPY {self.table} (id, customer, qty, region, note) FROM STDIN", rows)
            except Failed as failed:
                self.errors.append(f"copy: {failed}")
            self.requests.append((due, (time.time() - due) * 1000))
            key, due = key + COPIED, due + COPY_EVERY
            self.ended.wait(max(0.0, due - time.time()))
        connection.close()


class Load:
    """`with Load(…) as load:` runs it; afterwards `load.requests` and `load.errors` are there."""

    def __init__(self, server, database, folder, rows, seed, rate, recipe=None):
        self.server, self.database, self.folder = server, database, folder
        scripts, self.processes, self.said = Scripts(folder, recipe), [], []
        for number, mode in enumerate(MODES):
            variables = {"rows": rows, "customers": customers(rows), "slots": SLOTS, "n": 0, "first": number * CLIENTS}
            # a thread for each client: pgbench prepares a script's statements one after the other and waits for each, with all clients of the thread, so a
            # client that waits for a lock would keep another one of its thread, in its transaction, from giving it up
            command = [f"{server.clients}/pgbench", "-n", "-M", mode, "-c", str(CLIENTS), "-j", str(CLIENTS), "-T", str(FOREVER), "--failures-detailed", "-l",
                       "--log-prefix", os.path.join(folder, f"log_{mode}"), "--random-seed", str(seed * 10 + number), *scripts.arguments(mode)]
            command += [word for name, value in variables.items() for word in ("-D", f"{name}={value}")]
            self.processes.append(command + (["-R", f"{rate / len(MODES):.1f}"] if rate else []) + [server.url(database)])
        self.copier = Copier(server.url(database), recipe.table if recipe else "shop.orders", rows) if rate and (not recipe or recipe.copy) else None
        self.requests, self.errors = [], []  # (due, milliseconds) by when they were due; texts

    def __enter__(self):
        self.outputs = [open(os.path.join(self.folder, f"said_{mode}"), "w+", encoding="utf-8", errors="replace") for mode in MODES]
        self.running = [subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=self.folder, env=dict(os.environ, PGAPPNAME="stall_load"))
                        for command, out in zip(self.processes, self.outputs)]
        if self.copier:
            self.copier.start()
        return self

    def _sql(self, text):
        return self.server.sql("postgres", text).strip()

    def __exit__(self, *_):
        """pgbench knows no end but a time given before, and loses what it has to log when it is killed: its connections are ended."""
        mine = f"application_name = 'stall_load' AND datname = '{self.database}'"
        alive = int(self._sql(f"SELECT count(*) FROM pg_stat_activity WHERE {mine}"))
        if self.copier:
            self.copier.ended.set()
            self.copier.join(10)
        while any(process.poll() is None for process in self.running):
            self._sql(f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {mine}")
            time.sleep(0.2)
        for out in self.outputs:
            out.seek(0)
            self.errors += [line.strip() for line in out if ERROR.search(line)]
            out.close()
        self.errors += ["a client was gone"] * max(0, SLOTS - alive - len(self.errors))
        for path in glob.glob(os.path.join(self.folder, "log_*")):
            self._log(path)
        if self.copier:
            self.requests += self.copier.requests
            self.errors += self.copier.errors

    def _log(self, path):
        with open(path, encoding="utf-8") as stream:
            for line in stream:  # client, transaction, microseconds since it was due, script, when it ended: seconds, microseconds
                part = line.split()
                if part[2].isdigit():
                    ended, took = int(part[4]) + int(part[5]) / 1e6, int(part[2]) / 1000
                    self.requests.append((ended - took / 1000, took))
                elif part[2] != "skipped":
                    self.errors.append(f"a transaction: {part[2]}")

    def figures(self, since, until):
        """(number, p50, p99, longest) of the requests that were due then."""
        times = sorted(took for due, took in self.requests if since <= due <= until)
        if not times:
            return 0, 0.0, 0.0, 0.0
        return len(times), times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.99))], times[-1]


def customers(rows):
    return max(SLOTS, rows // 50)
