"""Nobody queues behind a step: it waits outside the lock queue for who holds what it needs, and asks in short attempts only."""
import os
import subprocess
import threading
import time
import unittest

from harness import Case
from client import Client
from server import Server

HELD = 2.5  # seconds an idle transaction stays in the way of a step
BEFORE = """schema app {
  sequence ticket;
  table t { id bigint not null primary key; note text; extra integer; index t_note on (note); }
  table old_name { id bigint not null primary key; }
  table gone { id bigint not null primary key; }
  table p partition by range (id) { id bigint not null; partition p1 for values from (0) to (100); partition p2 for values from (100) to (200); }
  view v as $$ select id from app.t $$;
}
"""


class Reader(threading.Thread):
    """An innocent reader: how long its requests take, measured from when each was sent."""

    def __init__(self, address, database, statement):
        super().__init__(daemon=True)
        self.client, self.statement, self.times, self.ended = Client(address, database), statement, [], threading.Event()
        self.start()

    def run(self):
        while not self.ended.is_set():
            begun = time.monotonic()
            try:
                self.client.query(self.statement)
            except Exception:  # what it reads is gone: the step is done
                break
            self.times.append(time.monotonic() - begun)
            time.sleep(0.005)

    def longest(self):
        self.ended.set()
        self.join(60)
        self.client.close()
        return max(self.times)


class Release(threading.Thread):
    """Ends the transaction in the way some time after a step has begun: the plan is made meanwhile."""

    def __init__(self, sql, end):
        super().__init__(daemon=True)
        self.sql, self.end = sql, end
        self.before = self.intents()
        self.start()

    def intents(self):
        return int(self.sql("SELECT count(*) FROM lockstep.event WHERE kind = 'intent'"))

    def run(self):
        for _ in range(600):
            if self.intents() > self.before:
                break
            time.sleep(0.1)
        time.sleep(HELD)
        self.end()


class LockQueue(Case):
    def setUp(self):
        super().setUp()
        self.write("before.schema", BEFORE)
        self.apply(0, "before", "--yes")
        self.socket = self.server.folder + "/.s.PGSQL.5432"
        self.sql("INSERT INTO app.t SELECT i, 'x', i FROM generate_series(1, 100) i; INSERT INTO app.p VALUES (1), (150)")

    def noise(self):
        """The longest request with nobody in the way: what this machine does by itself."""
        reader = Reader(self.socket, self.database, "SELECT count(*) FROM app.t")
        time.sleep(1)
        return reader.longest()

    def stalled(self, old, new, used, holder="SELECT count(*) FROM {}", role="postgres"):
        """Applies the change while an idle transaction has used `used`; the longest stall of a reader of it, and what was said."""
        self.assertIn(old, BEFORE)
        self.write("after.schema", BEFORE.replace(old, new))
        with Client(self.socket, self.database, user=role, application_name="nightly") as idle:
            idle.query("BEGIN")
            idle.query(holder.format(used))
            reader = Reader(self.socket, self.database, f"SELECT * FROM {used} LIMIT 1")
            ends = Release(self.sql, lambda: idle.query("COMMIT"))
            done = self.call(0, "apply", "--url", self.url, "--schema", "after.schema", "--yes", "--allow", "all", "--no-backup")
            ends.join()
            return reader.longest(), done.stderr

    def check(self, longest, said):
        self.assertLess(longest, 0.3 + self.noise(), said)
        self.assertNotIn("longer than deadlock_timeout", said)
        self.assertRegex(said, r"waits(: | .* for )pid \d+ \(nightly, user postgres, idle in transaction for \d+ s\)")

    def test_drop_of_a_table(self):
        self.check(*self.stalled("  table gone { id bigint not null primary key; }\n", "", "app.gone"))

    def test_rename_of_a_table(self):
        self.check(*self.stalled("table old_name { id", "table new_name renamed from old_name { id", "app.old_name"))

    def test_new_column(self):
        self.check(*self.stalled("extra integer;", "extra integer; more integer not null default 7;", "app.t"))

    def test_drop_of_a_column(self):
        self.check(*self.stalled(" extra integer;", "", "app.t"))

    def test_view(self):
        self.check(*self.stalled("$$ select id from app.t $$", "$$ select id, note from app.t $$", "app.v"))

    def test_drop_of_a_partition(self):
        self.check(*self.stalled(" partition p2 for values from (100) to (200);", "", "app.p2"))

    def test_sequence(self):
        longest, said = self.stalled("  sequence ticket;\n", "", "app.ticket", "SELECT nextval('{}')")
        self.check(longest, said)

    def test_whose_state_is_hidden_is_waited_for_too(self):
        """A role that sees nothing of other roles' sessions but that they are there."""
        self.sql("DO $$ BEGIN CREATE ROLE lq_owner LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
                 f"ALTER DATABASE {self.database} OWNER TO lq_owner; ALTER SCHEMA app OWNER TO lq_owner; ALTER TABLE app.t OWNER TO lq_owner;"
                 "ALTER SCHEMA lockstep OWNER TO lq_owner; DO $$ DECLARE r regclass; BEGIN FOR r IN SELECT oid FROM pg_class WHERE relnamespace = "
                 "'lockstep'::regnamespace AND relkind = 'r' LOOP EXECUTE format('ALTER TABLE %s OWNER TO lq_owner', r); END LOOP; "
                 "EXCEPTION WHEN OTHERS THEN NULL; END $$")
        self.call(0, "inspect", "--url", self.url.replace("user=postgres", "user=lq_owner"), "-o", "live.schema")
        text = self.read("live.schema")
        self.write("live.schema", text.replace("extra integer;", "extra integer;\n    more integer;", 1))
        with Client(self.socket, self.database, application_name="nightly") as idle:
            idle.query("BEGIN")
            idle.query("SELECT count(*) FROM app.t")
            reader = Reader(self.socket, self.database, "SELECT * FROM app.t LIMIT 1")
            ends = Release(self.sql, lambda: idle.query("COMMIT"))
            done = self.call(0, "apply", "--url", self.url.replace("user=postgres", "user=lq_owner"), "--schema", "live.schema", "--yes", "--allow", "all",
                             "--no-backup")
            ends.join()
            self.assertLess(reader.longest(), 0.3 + self.noise(), done.stderr)
            self.assertIn("nightly, user postgres, what it does is hidden from this role", done.stderr)

    def test_a_lock_that_never_gets_free(self):
        self.write("lockstep.yaml", "schema: [after.schema]\nenvironments:\n  dev:\n    url: \"${LQ_URL}\"\n    lock: { timeout: 200ms, retries: 3 }\n")
        self.write("after.schema", BEFORE.replace("  table gone { id bigint not null primary key; }\n", ""))
        with Client(self.socket, self.database, application_name="nightly") as idle:
            idle.query("BEGIN")
            idle.query("SELECT count(*) FROM app.gone")
            reader = Reader(self.socket, self.database, "SELECT * FROM app.gone LIMIT 1")
            time.sleep(1.2)
            done = self.call(1, "apply", "--env", "dev", "--yes", "--allow", "all", "--no-backup", environment={"LQ_URL": self.url})
            self.assertIn("its locks were not asked for", done.stderr)
            self.assertIn("in the way: pid", done.stderr)
            self.assertIn("nightly, user postgres, idle in transaction", done.stderr)
            self.assertLess(reader.longest(), 0.3 + self.noise())
        self.assertEqual("1\n", self.sql("SELECT count(*) FROM pg_class WHERE relname = 'gone'"))


class Prepared(unittest.TestCase):
    def test_a_prepared_transaction_is_waited_for_and_named(self):
        with Server("-c max_prepared_transactions=3") as server:
            database = server.new_database()
            binary = os.path.abspath(os.environ.get("LOCKSTEP_BINARY", "build/release/lockstep"))

            def call(code, text):
                path = server.folder + "/it.schema"
                with open(path, "w", encoding="utf-8") as stream:
                    stream.write(text)
                done = subprocess.run([binary, "apply", "--url", server.url(database), "--schema", path, "--yes", "--allow", "all", "--no-backup"],
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, cwd="/")
                self.assertEqual(code, done.returncode, done.stdout + done.stderr)
                return done.stderr

            call(0, "schema app { table t { id bigint not null primary key; } }\n")
            with Client(server.folder + "/.s.PGSQL.5432", database) as one:
                one.query("BEGIN")
                one.query("INSERT INTO app.t VALUES (1)")
                one.query("PREPARE TRANSACTION 'left''over'")
                ends = Release(lambda text: server.sql(database, text), lambda: one.query("COMMIT PREPARED 'left''over'"))
                said = call(0, "schema app { table t { id bigint not null primary key; more integer; } }\n")
                ends.join()
            self.assertIn("prepared transaction 'left''over' (postgres, for ", said)


if __name__ == "__main__":
    unittest.main()
